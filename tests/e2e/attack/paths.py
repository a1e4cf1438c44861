"""Paths, as no client would send them: an id in them is one, or the request is rejected."""

from tests.e2e.attack.rows import CHALICE_LOCAL, GATEWAY, SERVERS, Row
from tests.unit.attack.samples import WRITTEN

_SLASHES = ("a%2Fb", "..%2f", "VICTIM%2Ftreasure")
#: Bytes that are not a target that an HTTP server has to read, and separators.
_RAW = [*range(0x21), *b"!\"$&'()*+,:;<=>@[\\]^`{|}", 0x7F, 0x80, 0x85, 0xA0, 0xC0, 0xFF]


def _written(segment: str) -> Row:
    valid = segment in ("b" * 128, "%61" * 128)
    # The emulator's gateway decodes a slash before it looks for the resource.
    at = {GATEWAY: (400, 404)} if "%2f" in segment.lower() else {}
    name = f"{segment[:60]} ({len(segment)})"
    return Row(name, path=f"/items/{segment}", expects=404 if valid else 400, at=at)


ROWS = [
    *map(_written, (*WRITTEN, *_SLASHES)),
    *(
        Row(
            f"U+{code:04X} as it is",
            path=f"/items/a{chr(code)}b",
            transport=SERVERS if code <= 0x20 or code >= 0x7F else (),
        )
        for code in _RAW
    ),
    Row("30 KB", path="/items/" + "a" * 30_000, transport=(GATEWAY,)),
    Row("segments over another's", path="/items/VICTIM/../treasure", expects=404),
    Row("an empty id", path="/items//", at={GATEWAY: 200}),
    Row("a slash before all", path="//items", expects=200),
    Row("another's below one's own", path="/items/x/treasure", expects=404),
    Row("a number sign as it is", path="/items/VICTIM#treasure"),
    Row("a matrix parameter", path="/items/treasure;owner=VICTIM"),
    Row(
        "another origin",
        path="@evil.example/items",
        expects=404,
        at={GATEWAY: 403},
        transport=(GATEWAY,),
    ),
    Row(
        "a cursor of 10 MB",
        path="/items?cursor=" + "A" * 10_000_000,
        transport=(GATEWAY, CHALICE_LOCAL),
    ),
]
