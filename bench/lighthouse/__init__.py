"""Lighthouse on the deployed page: `.venv/bin/python -m bench.lighthouse`."""
