"""The stacks, and the small program that deploys them (`python -m infra --help`)."""
