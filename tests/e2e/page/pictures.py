"""Where the pictures of the page's states are put with `--long`, for people to look at."""

from tools.project import PROJECT

PICTURES = PROJECT / ".local" / "screenshots"
