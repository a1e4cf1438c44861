"""The function, measured: how fast it starts and what a request costs, beside its peers."""
