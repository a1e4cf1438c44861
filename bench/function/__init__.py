"""Measure the function's cold start and requests, compared with its peers."""
