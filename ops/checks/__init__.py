"""The checks of `ops doctor` and `ops account`: each yields findings, and changes nothing."""
