"""The final check of a deployment: the published files and all files that pages name are live."""

from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from infra.site.bucket import Bucket
from infra.site.errors import NotLive
from infra.site.headers import Phase
from infra.site.manifest import MANIFEST_KEY, Manifest
from infra.site.plan import Plan
from infra.site.workers import Workers

#: Up to this number of files, single requests are faster than a listing.
FEW = 20

_LOADED = {"stylesheet", "modulepreload", "preload", "icon", "apple-touch-icon", "manifest"}


class _References(HTMLParser):
    """The files that a browser loads with a page, without links that a visitor may follow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "link" and _LOADED & set((named.get("rel") or "").lower().split()):
            self.found.add(named.get("href") or "")
        self.found.add(named.get("src") or "")


def references(key: str, content: bytes) -> set[str]:
    """Return the keys that the page `key` names, without URLs of other hosts."""
    parser = _References()
    parser.feed(content.decode(errors="replace"))
    urls = (urlsplit(urljoin(f"/{key}", each)) for each in parser.found if each)
    return {unquote(url.path[1:]) for url in urls if not (url.scheme or url.netloc)}


def verify(bucket: Bucket, manifest: Manifest, etag: str, todo: Plan, workers: Workers) -> None:
    """Raise `NotLive` unless all uploaded files, and all files that new pages load, are live.

    `etag` is the manifest's ETag. If another deployment has begun, there is no check, because that
    deployment now determines the live files.
    """
    pages = (each for each in todo.uploads if each.phase is Phase.PAGES)
    loaded = {each.key: references(each.key, each.file.read()) for each in pages}
    keys = list({MANIFEST_KEY}.union((each.key for each in todo.uploads), *loaded.values()))
    if len(keys) > FEW:
        live = {key: each.etag for key, each in bucket.listing().items()}
    else:
        heads = zip(keys, workers.each(bucket.head, keys), strict=True)
        live = {key: entry.etag for key, entry in heads if entry}
    if live.get(MANIFEST_KEY) != etag:
        return
    problems = [
        f"{each.key}: is not as it was uploaded"
        for each in todo.uploads
        if live.get(each.key) != manifest.files[each.key].etag
    ]
    for page, names in loaded.items():
        problems += [f"{page}: names {key}, which is not there" for key in names - live.keys()]
    if problems:
        raise NotLive(
            "\n  ".join(["published, but incomplete; correct it, or pass --no-verify:", *problems])
        )
