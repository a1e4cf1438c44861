"""The checks of `ops doctor` and `ops account`. Each yields findings and changes no resource."""
