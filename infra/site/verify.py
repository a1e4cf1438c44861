"""The final check of a deployment: the published files and all files that pages name are live."""

from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from infra.site.bucket import Bucket
from infra.site.errors import NotLive, itemize
from infra.site.headers import Phase
from infra.site.manifest import MANIFEST_KEY, Manifest
from infra.site.plan import Plan

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


def find_references(key: str, content: bytes) -> set[str]:
    """Return the keys that the page `key` names, without URLs of other hosts."""
    parser = _References()
    parser.feed(content.decode(errors="replace"))
    urls = (urlsplit(urljoin(f"/{key}", each)) for each in parser.found if each)
    return {unquote(url.path[1:]) for url in urls if not (url.scheme or url.netloc)}


def verify(bucket: Bucket, manifest: Manifest, todo: Plan) -> None:
    """Raise `NotLive` unless all uploaded files, and all files that new pages load, are live.

    If another deployment has begun, there is no check, because that deployment now determines the
    live files.
    """
    pages = (file for file in todo.uploads if file.phase is Phase.PAGES)
    loaded = {page.key: find_references(page.key, page.read()) for page in pages}
    keys = list({MANIFEST_KEY}.union((file.key for file in todo.uploads), *loaded.values()))
    live = bucket.heads(keys) if len(keys) <= FEW else bucket.read_listing()
    if MANIFEST_KEY not in live or live[MANIFEST_KEY].etag != manifest.etag:
        return
    problems = [
        f"{file.key}: differs from the uploaded file, or is missing"
        for file in todo.uploads
        if file.key not in live or live[file.key].etag != manifest.files[file.key].etag
    ]
    for page, names in loaded.items():
        problems += [f"{page}: names {key}, which does not exist" for key in names - live.keys()]
    if problems:
        message = "published, but incomplete; correct it, or pass --no-verify:"
        raise NotLive(itemize(message, problems))
