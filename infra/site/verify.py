"""The check that ends a deployment: what was published is live, and so is all that pages name."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from infra.site.bucket import Bucket
from infra.site.errors import NotLive
from infra.site.headers import Phase
from infra.site.manifest import MANIFEST_KEY, Manifest
from infra.site.plan import Plan

_LOADED = {"stylesheet", "modulepreload", "preload", "icon", "apple-touch-icon", "manifest"}


class _References(HTMLParser):
    """The files that a browser loads with a page. Links that a visitor may follow are not."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "link" and _LOADED & set((named.get("rel") or "").lower().split()):
            self.found.add(named.get("href") or "")
        self.found.add(named.get("src") or "")


def references(key: str, content: bytes) -> set[str]:
    """Return the keys that the page `key` names, apart from those of other hosts."""
    parser = _References()
    parser.feed(content.decode(errors="replace"))
    urls = (urlsplit(urljoin(f"/{key}", each)) for each in parser.found if each)
    return {unquote(url.path[1:]) for url in urls if not (url.scheme or url.netloc)}


def verify(bucket: Bucket, manifest: Manifest, etag: str, todo: Plan) -> None:
    """Raise `NotLive` unless all files of the manifest, and all that its new pages name, are live.

    `etag` is the manifest's own. Once another deployment has begun, it decides what is live.
    """
    listing = bucket.listing()
    if MANIFEST_KEY in listing and listing[MANIFEST_KEY].etag != etag:
        return

    def problems() -> Iterator[str]:
        for key, entry in manifest.files.items():
            if key not in listing or listing[key].etag != entry.etag:
                yield f"{key}: not as it was uploaded"
        for each in todo.uploads:
            if each.phase is Phase.PAGES:
                missing = references(each.key, each.file.read()) - listing.keys()
                yield from (f"{each.key}: names {key}, which is not there" for key in missing)

    if found := sorted(problems()):
        raise NotLive(
            "\n  ".join(["published, but incomplete; correct it, or pass --no-verify:", *found])
        )
