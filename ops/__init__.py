"""Commands for on-call engineers: `.venv/bin/python -m ops --help`."""
