"""The plan: a few cases by hand, and the invariants of all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.site.errors import Refused
from infra.site.headers import Headers, Serving
from infra.site.manifest import Pending
from infra.site.plan import DAY, Options
from tests.unit.site.model import ModelBucket, Stored, site

NOW = 1_800_000_000.0
APP, LIB = "assets/app-12345678.js", "assets/lib-12345678.js"
BEFORE = {"index.html": "one", "x/index.html": "x", "robots.txt": "r", APP: "app"}
OTHER = Headers("text/plain", "no-store")


@pytest.mark.parametrize(
    ("after", "headers", "uploads", "invalidated"),
    [
        (BEFORE, {}, [], ()),
        ({**BEFORE, "index.html": "two"}, {}, [("index.html", "content")], ("/", "/index.html")),
        (
            {**BEFORE, "x/index.html": "longer"},
            {},
            [("x/index.html", "content")],
            ("/x/", "/x/index.html"),
        ),
        ({**BEFORE, "new.txt": "n"}, {}, [("new.txt", "new")], ("/new.txt",)),
        ({**BEFORE, LIB: "lib"}, {}, [(LIB, "new")], ()),
        ({**BEFORE, APP: "APP"}, {}, [(APP, "content")], ()),
        (BEFORE, {"robots.txt": OTHER}, [("robots.txt", "headers")], ("/robots.txt",)),
        (BEFORE, {APP: OTHER}, [(APP, "headers")], ()),
        (
            {**BEFORE, "index.html": "two", "robots.txt": "R", LIB: "lib", "a.html": "a"},
            {},
            [(LIB, "new"), ("robots.txt", "content"), ("a.html", "new"), ("index.html", "content")],
            ("/", "/a.html", "/index.html", "/robots.txt"),
        ),
    ],
)
def test_plan_has_uploads_and_invalidation(
    after: dict[str, str],
    headers: dict[str, Headers],
    uploads: list[tuple[str, str]],
    invalidated: tuple[str, ...],
) -> None:
    bucket = ModelBucket()
    bucket.deploy(site(BEFORE), Options(), NOW)
    todo = bucket.plan(site(after, headers), Options(), NOW)
    assert [(file.key, reason) for file, reason in todo.uploads.items()] == uploads
    assert todo.invalidate == invalidated
    assert todo.known.keys() == after.keys() - {key for key, _ in uploads}
    assert todo.is_empty is (uploads == [])
    assert bucket.requested == [], "the manifest has all of it"


def test_overwritten_file_is_named_by_its_etag() -> None:
    bucket = ModelBucket()
    bucket.deploy(site(BEFORE), Options(), NOW)
    etag = bucket.objects["index.html"].etag
    todo = bucket.plan(site({**BEFORE, "index.html": "two", "new.html": "n"}), Options(), NOW)
    assert {file.key: bucket.seen.etag_to_replace(file) for file in todo.uploads} == {
        "index.html": etag,
        "new.html": "",
    }


@pytest.mark.parametrize(
    ("tampered", "requested", "reason"),
    [
        # Other content. A difference in size needs no request.
        (Stored(b"ONE", Serving().serve("index.html")[0], NOW), ["index.html"], "content"),
        (Stored(b"other", Serving().serve("index.html")[0], NOW), [], "content"),
        # Other headers keep ETag and size. Only the time differs.
        (Stored(b"one", OTHER, NOW + 1), ["index.html"], "headers"),
        (Stored(b"one", Serving().serve("index.html")[0], NOW + 1), ["index.html"], None),
    ],
)
def test_foreign_write_is_detected(
    tampered: Stored, requested: list[str], reason: str | None
) -> None:
    bucket = ModelBucket()
    bucket.deploy(site(BEFORE), Options(), NOW)
    bucket.objects["index.html"] = tampered
    todo = bucket.plan(site(BEFORE), Options(), NOW + 2)
    assert bucket.requested == requested
    assert list(todo.uploads.values()) == ([reason] if reason else [])


def test_pending_keys_are_read_and_invalidated() -> None:
    bucket = ModelBucket()
    bucket.deploy(site(BEFORE), Options(), NOW)
    pending = Pending("r", ("/robots.txt",), ("robots.txt",))
    bucket.manifest = replace(bucket.manifest, pending=pending)
    bucket.objects["robots.txt"] = Stored(b"r", OTHER, NOW)
    todo = bucket.plan(site({**BEFORE, "index.html": "two"}), Options(), NOW)
    assert bucket.requested == ["robots.txt"]
    assert [file.key for file in todo.uploads] == ["robots.txt", "index.html"]
    assert todo.invalidate == ("/", "/index.html", "/robots.txt")


def test_pending_intent_makes_a_plan_nonempty() -> None:
    bucket = ModelBucket()
    bucket.deploy(site(BEFORE), Options(), NOW)
    bucket.manifest = replace(bucket.manifest, pending=Pending("r", (), (APP,)))
    assert not bucket.plan(site(BEFORE), Options(), NOW).is_empty


@pytest.mark.parametrize(
    ("days", "rules", "deleted"),
    [
        (100, Options(), ()),
        (0, Options(delete=True), ("old.html",)),
        (6.99, Options(delete=True), ("old.html",)),
        (7, Options(delete=True), (APP, "old.html")),
        (0, Options(delete=True, grace_days=0), (APP, "old.html")),
        (100, Options(delete=False, grace_days=0), ()),
    ],
)
def test_deletion_by_option_and_grace(
    days: float, rules: Options, deleted: tuple[str, ...]
) -> None:
    bucket = ModelBucket()
    bucket.deploy(site({**BEFORE, "old.html": "old"}), Options(), NOW)
    after = {key: content for key, content in BEFORE.items() if key != APP}
    bucket.deploy(site(after), Options(), NOW + 10)
    todo = bucket.plan(site(after), rules, NOW + 10 + days * DAY)
    assert todo.delete == deleted
    assert todo.invalidate == (("/old.html",) if deleted else ())
    assert todo.stale == {APP: NOW + 10, "old.html": NOW + 10}


def test_clock_set_back_shortens_no_grace() -> None:
    bucket = ModelBucket()
    bucket.deploy(site(BEFORE), Options(), NOW)
    after = {"index.html": "one"}
    bucket.deploy(site(after), Options(), NOW)
    todo = bucket.plan(site(after), Options(delete=True), NOW - 30 * DAY)
    assert APP not in todo.delete
    assert todo.stale[APP] == NOW


@pytest.mark.parametrize(
    ("stale", "kept", "allow", "refused"),
    [
        (20, 1, None, False),
        (21, 1, None, True),
        (25, 75, None, False),
        (26, 74, None, True),
        (21, 1, 20, True),
        (21, 1, 21, False),
        (2, 1, 1, True),
    ],
)
def test_many_deletions_need_permission(
    stale: int, kept: int, allow: int | None, refused: bool
) -> None:
    keep = {f"keep-{n}.txt": "k" for n in range(kept)}
    bucket = ModelBucket()
    bucket.deploy(site({**keep, **{f"old-{n}.txt": "o" for n in range(stale)}}), Options(), NOW)
    rules = Options(delete=True, allow_delete=allow)
    if refused:
        with pytest.raises(Refused, match=f"--allow-delete {stale}"):
            bucket.plan(site(keep), rules, NOW)
    else:
        assert len(bucket.plan(site(keep), rules, NOW).delete) == stale


def test_plan_warns_of_type_and_changed_asset() -> None:
    bucket = ModelBucket()
    bucket.deploy(site(BEFORE), Options(), NOW)
    todo = bucket.plan(site({**BEFORE, APP: "APP", "data.xyz": "?"}), Options(), NOW)
    second, first = todo.warnings
    assert first.startswith("data.xyz: unknown type")
    assert second.startswith(f"{APP}: the content changed under an immutable name")
    assert bucket.plan(site(BEFORE), Options(), NOW).warnings == ()


def test_plan_is_text_and_json() -> None:
    bucket = ModelBucket()
    bucket.deploy(site({**BEFORE, "old.html": "old"}), Options(), NOW)
    todo = bucket.plan(site({**BEFORE, "robots.txt": "RR"}), Options(delete=True), NOW)
    assert todo.lines() == [
        "upload      robots.txt  (content)",
        "delete      old.html",
        "invalidate  /old.html",
        "invalidate  /robots.txt",
    ]
    assert todo.document() == {
        "upload": [{"key": "robots.txt", "reason": "content", "size": 2}],
        "unchanged": 3,
        "delete": ["old.html"],
        "stale": 1,
        "invalidate": ["/old.html", "/robots.txt"],
        "warnings": [],
    }


KEYS = st.sampled_from(["index.html", "x/index.html", "robots.txt", APP, LIB, "a b~.txt"])
SITES = st.dictionaries(KEYS, st.sampled_from(["", "1", "2", "long"]))
HEADERS = st.dictionaries(KEYS, st.just(OTHER), max_size=2)
RULES = st.builds(
    Options, delete=st.booleans(), grace_days=st.sampled_from([0.0, 5 / DAY, 50 / DAY])
)
TAMPERING = st.dictionaries(KEYS, st.sampled_from([b"", b"1", b"2"]), max_size=2)


@given(st.lists(st.tuples(SITES, HEADERS, RULES, st.integers(1, 30), TAMPERING), max_size=6))
def test_plan_holds_after_any_history(
    story: list[tuple[dict[str, str], dict[str, Headers], Options, int, dict[str, bytes]]],
) -> None:
    bucket, now = ModelBucket(), NOW
    for contents, headers, rules, pause, tampering in story:
        files = site(contents, {key: other for key, other in headers.items() if key in contents})
        stale_before = dict(bucket.manifest.stale)
        present = set(bucket.objects)
        todo = bucket.deploy(files, rules, now)

        # After the deployment the bucket holds the site, and the next plan is empty.
        for key, file in files.items():
            assert bucket.objects[key].content == file.read()
            assert bucket.objects[key].headers == file.headers
        again = bucket.plan(files, replace(rules, delete=False), now)
        assert again.is_empty
        assert again.known.keys() == files.keys()

        # Phases are in order. No file of the site is deleted.
        phases = [file.phase for file in todo.uploads]
        assert phases == sorted(phases)
        assert not set(todo.delete) & files.keys()
        assert present - set(todo.delete) <= bucket.objects.keys()

        # Deletions need the option. An asset is deleted only after its grace.
        assert rules.delete or not todo.delete
        for key in todo.delete:
            if Serving().is_immutable(key):
                assert now - stale_before.get(key, now) >= rules.grace_days * DAY
        if rules.delete:
            left = bucket.objects.keys() - files.keys()
            assert all(Serving().is_immutable(key) for key in left)

        assert not any(f"/{key}" in todo.invalidate for key in (APP, LIB))

        now += pause
        for key, content in tampering.items():
            bucket.objects[key] = Stored(content, OTHER, now)
        now += 1
