"""Small sites, as a build writes them."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

WriteSite = Callable[[str, dict[str, str]], Path]


def write(directory: Path, files: dict[str, str]) -> Path:
    shutil.rmtree(directory, ignore_errors=True)
    for key, content in files.items():
        file = directory / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return directory


def page(*assets: str, text: str = "") -> str:
    return "".join(f'<script src="/{asset}"></script>' for asset in assets) + text


def assets_of(page: str) -> list[str]:
    """Return the assets that a page names."""
    return re.findall(r'src="/([^"]+)"', page)


V1 = {
    "index.html": page("assets/app-aaaa1111.js", "assets/lib-cccc3333.js", text="one"),
    "about/index.html": page("assets/app-aaaa1111.js", text="one"),
    "gone.html": page("assets/lib-cccc3333.js"),
    "favicon.svg": "<svg>1</svg>",
    "assets/app-aaaa1111.js": "app 1",
    "assets/lib-cccc3333.js": "lib",
}
V2 = {
    "index.html": page("assets/app-bbbb2222.js", "assets/lib-cccc3333.js", text="two"),
    "about/index.html": page("assets/app-bbbb2222.js", text="two"),
    "new.html": page("assets/more-dddd4444.js"),
    "favicon.svg": "<svg>2</svg>",
    "assets/app-bbbb2222.js": "app 2",
    "assets/lib-cccc3333.js": "lib",
    "assets/more-dddd4444.js": "more",
}
