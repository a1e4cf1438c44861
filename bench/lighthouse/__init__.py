"""Lighthouse on the deployed page: `python -m bench.lighthouse`."""
