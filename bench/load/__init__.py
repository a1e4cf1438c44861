"""The deployed stack under load, and the function's memory after many requests."""
