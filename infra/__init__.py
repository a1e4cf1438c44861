"""The stacks, and the small program that deploys them (`.venv/bin/python -m infra --help`)."""
