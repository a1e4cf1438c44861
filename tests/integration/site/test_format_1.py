"""A bucket whose manifests a program of format 1 has written."""

import json
from pathlib import Path

import pytest

from infra.site.manifest import FORMAT, Manifest, decode
from tests.integration.site.aws import Aws, Killed
from tests.integration.site.sites import V1, V2, SiteOf
from tools.project import PROJECT

# What that program wrote itself.
WRITTEN = PROJECT / "tests" / "unit" / "site" / "manifest_1.json"


def encode_1(manifest: Manifest) -> bytes:
    """Encode as the program of format 1 did."""
    pending = manifest.pending
    document = {
        "format": 1,
        "release": manifest.release,
        "invalidation": manifest.invalidation,
        "pending": pending and [pending.reference, pending.paths, pending.touched],
        "history": manifest.history,
        "stale": dict(manifest.stale),
        "files": {
            key: [entry.sha256, *entry.headers, entry.etag, entry.size, entry.version]
            for key, entry in manifest.files.items()
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()


def test_encode_1_is_as_it_was() -> None:
    written = WRITTEN.read_bytes().strip()
    assert encode_1(decode(written)) == written


@pytest.fixture
def v2(site_of: SiteOf) -> Path:
    return site_of("v2", V2)


@pytest.fixture
def old(aws: Aws, site_of: SiteOf, v2: Path, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """A bucket to which that program has deployed V1 and then V2."""
    with monkeypatch.context() as program:
        program.setattr(Manifest, "encode", encode_1)
        aws.deploy(site_of("v1", V1))
        aws.deploy(v2)
    assert aws.manifest()["format"] == 1
    aws.calls.clear()
    return aws


def test_unchanged_site_is_not_written(old: Aws, v2: Path) -> None:
    old.deploy(v2)
    assert old.writes() == []
    assert old.manifest()["format"] == 1


def test_first_write_is_of_the_new_format(old: Aws, site_of: SiteOf) -> None:
    old.deploy(site_of("v3", {**V2, "index.html": "three"}))
    assert [call for call in old.writes() if call.endswith(".html")] == ["PutObject index.html"]
    manifest = old.manifest()
    assert manifest["format"] == FORMAT
    assert manifest["pending"] is None
    assert [set(past) for past in manifest["history"]] == [{"release", "manifest_version"}] * 2


def test_rollback_restores_a_release_of_format_1(old: Aws) -> None:
    old.deploy(Path("/nowhere"), rollback=True)
    for key in ("index.html", "about/index.html", "gone.html", "favicon.svg"):
        assert old.read(key) == V1[key]


def test_intent_of_format_1_is_finished(
    old: Aws, v2: Path, site_of: SiteOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as program:
        program.setattr(Manifest, "encode", encode_1)
        old.kill_at(5, before=False)
        with pytest.raises(Killed):
            old.deploy(site_of("v3", {**V2, "index.html": "three", "favicon.svg": "three"}))
    old.kill_at(None)
    pending = old.manifest()["pending"]
    assert isinstance(pending, list)
    old.calls.clear()
    old.deploy(v2)
    assert old.read("favicon.svg") == V2["favicon.svg"]
    assert old.manifest()["pending"] is None
    (paths,) = old.invalidated()
    assert {"/index.html", "/favicon.svg"} <= set(paths)
