"""The pure parts of the on-call commands."""
