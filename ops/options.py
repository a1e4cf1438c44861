"""The types of options. Each raises `ValueError`, for which argparse prints the function's name."""


def count(text: str) -> int:
    """Return a whole number of at least 1."""
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def rate(text: str) -> float:
    """Return a finite number above 0."""
    if not 0 < float(text) < float("inf"):
        raise ValueError(text)
    return float(text)
