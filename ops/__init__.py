"""Commands for people on duty (`python -m ops --help`). None of them is part of a deployment."""
