"""Development on this machine: the local cloud, `chalice local`, and the test client."""
