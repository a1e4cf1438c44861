"""What a deployment uploads, and what it leaves alone."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.site.errors import Misconfigured
from infra.site.headers import Serving
from infra.site.manifest import MANIFEST_KEY
from tests.integration.site.aws import Aws
from tests.integration.site.sites import V1, V2, SiteOf, page

MANIFEST = f"PutObject {MANIFEST_KEY}"


def test_the_first_deployment_goes_phase_by_phase(aws: Aws, site_of: SiteOf) -> None:
    summary = aws.deploy(site_of("v1", V1))
    assert [re.sub("(?<=HeadObject).*", "", each) for each in aws.operations()] == [
        "ListObjectsV2",
        MANIFEST,
        "PutObject assets/app-aaaa1111.js",
        "PutObject assets/lib-cccc3333.js",
        "PutObject config.json",
        "PutObject favicon.svg",
        "PutObject about/index.html",
        "PutObject gone.html",
        "PutObject index.html",
        "CreateInvalidation",
        MANIFEST,
        *(["HeadObject"] * 8),
    ]
    folders = ("/", "/about/")
    files = ("/config.json", "/favicon.svg", "/gone.html", "/index.html")
    assert aws.invalidated() == [(*folders, "/about/index.html", *files)]
    assert (len(summary.plan.uploads), summary.plan.delete) == (7, ())
    assert aws.manifest()["release"] == summary.release


def test_every_file_has_its_headers_and_checksum(aws: Aws, site_of: SiteOf) -> None:
    aws.deploy(site_of("v1", V1))
    text = "; charset=utf-8"
    assert aws.headers("index.html") == ("text/html" + text, "no-cache")
    assert aws.headers("config.json") == ("application/json", "no-store")
    assert aws.headers("favicon.svg") == ("image/svg+xml", "public, max-age=300")
    immutable = "public, max-age=31536000, immutable"
    assert aws.headers("assets/app-aaaa1111.js") == ("text/javascript" + text, immutable)
    for key in (*V1, "config.json", MANIFEST_KEY):
        head = aws.bystander.head_object(Bucket=aws.bucket, Key=key, ChecksumMode="ENABLED")
        assert "ChecksumSHA256" in head, key


def test_nothing_changed_is_two_reads(aws: Aws, site_of: SiteOf) -> None:
    source = site_of("v1", V1)
    first = aws.deploy(source)
    aws.calls.clear()
    summary = aws.deploy(source)
    assert sorted(aws.operations()) == ["GetObject " + MANIFEST_KEY, "ListObjectsV2"]
    assert (summary.release, summary.plan.uploads) == ("", {})
    assert summary.invalidation == first.invalidation


def test_content_of_the_same_size_and_an_older_file_ships(aws: Aws, site_of: SiteOf) -> None:
    aws.deploy(site_of("v1", V1))
    source = site_of("v1", {**V1, "favicon.svg": "<svg>2</svg>"})
    os.utime(source / "favicon.svg", (0, 0))
    aws.calls.clear()
    aws.deploy(source)
    assert aws.writes() == [MANIFEST, "PutObject favicon.svg", "CreateInvalidation", MANIFEST]
    assert aws.invalidated() == [("/favicon.svg",)]
    assert aws.read("favicon.svg") == "<svg>2</svg>"


def test_a_changed_header_ships(aws: Aws, site_of: SiteOf) -> None:
    source = site_of("v1", V1)
    aws.deploy(source)
    aws.calls.clear()
    rules = {r".*\.svg": "public, max-age=60"}
    aws.serving = Serving.of_settings({"site_cache_control": rules})
    summary = aws.deploy(source)
    assert [(file.key, reason) for file, reason in summary.plan.uploads.items()] == [
        ("favicon.svg", "headers")
    ]
    assert aws.headers("favicon.svg") == ("image/svg+xml", "public, max-age=60")
    assert aws.invalidated() == [("/favicon.svg",)]


def test_what_others_have_overwritten_is_put_right(aws: Aws, site_of: SiteOf) -> None:
    source = site_of("v1", V1)
    aws.deploy(source)
    aws.put("favicon.svg", "<svg>X</svg>")
    aws.put("gone.html", V1["gone.html"], ContentType="text/plain")
    aws.calls.clear()
    aws.deploy(source)
    assert aws.read("favicon.svg") == V1["favicon.svg"]
    (paths,) = aws.invalidated()
    assert "/favicon.svg" in paths


def test_what_the_manifest_cannot_tell_is_asked_for_once(aws: Aws, site_of: SiteOf) -> None:
    """The same object, but written by somebody else: right content, right headers."""
    source = site_of("v1", V1)
    aws.deploy(source)
    kept = aws.bystander.get_object(Bucket=aws.bucket, Key=MANIFEST_KEY)["Body"].read()
    text = kept.decode().replace(_etag(aws, "favicon.svg").strip('"'), "0" * 32)
    aws.put(MANIFEST_KEY, text)
    aws.calls.clear()
    aws.deploy(source)
    assert "HeadObject favicon.svg" in aws.operations()
    assert aws.writes() == [MANIFEST]
    aws.calls.clear()
    aws.deploy(source)
    assert len(aws.calls) == 2


def _etag(aws: Aws, key: str) -> str:
    return str(aws.bystander.head_object(Bucket=aws.bucket, Key=key)["ETag"])


def test_a_time_after_the_manifests_is_asked_about_once(aws: Aws, site_of: SiteOf) -> None:
    """S3 has many clocks; a manifest that is written once more is later than all of them."""
    source = site_of("v1", V1)
    aws.deploy(source)

    def late(parsed: dict[str, Any], **_: Any) -> None:
        for each in parsed["Contents"]:
            if each["Key"] == "favicon.svg":
                each["LastModified"] += timedelta(minutes=1)

    aws.s3.meta.events.register("after-call.s3.ListObjectsV2", late)
    aws.calls.clear()
    aws.deploy(source)
    assert "HeadObject favicon.svg" in aws.operations()
    assert aws.writes() == [MANIFEST]


def test_what_vanishes_while_it_is_asked_for_is_new(aws: Aws, site_of: SiteOf) -> None:
    source = site_of("v1", V1)
    aws.deploy(source)
    aws.put("favicon.svg", "<svg>X</svg>")

    def vanish(params: dict[str, Any], **_: Any) -> None:
        aws.bystander.delete_object(Bucket=aws.bucket, Key=params["Key"])

    aws.s3.meta.events.register("before-parameter-build.s3.HeadObject", vanish)
    assert list(aws.deploy(source, no_verify=True).plan.uploads.values()) == ["new"]
    assert aws.read("favicon.svg") == V1["favicon.svg"]


def test_an_asset_that_has_vanished_is_put_back(aws: Aws, site_of: SiteOf) -> None:
    source = site_of("v1", V1)
    aws.deploy(source)
    aws.bystander.delete_object(Bucket=aws.bucket, Key="assets/lib-cccc3333.js")
    aws.deploy(source)
    assert aws.read("assets/lib-cccc3333.js") == "lib"
    aws.calls.clear()
    aws.deploy(source)
    assert aws.writes() == []


def test_one_of_many_files_is_one_upload_and_the_manifest(aws: Aws, site_of: SiteOf) -> None:
    many = {f"assets/part-{n:08x}.js": f"part {n}" for n in range(58)}
    aws.deploy(site_of("many", {"index.html": page(), **many}), workers=8)
    aws.calls.clear()
    source = site_of("many", {"index.html": page(), **many, "assets/part-ffffffff.js": "new"})
    summary = aws.deploy(source, workers=8)
    assert aws.writes() == [MANIFEST, "PutObject assets/part-ffffffff.js", MANIFEST]
    assert len(summary.plan.known) == 60
    changed = page(text="changed")
    source = site_of("many", {"index.html": changed, **many, "assets/part-ffffffff.js": "new"})
    aws.calls.clear()
    aws.deploy(source, workers=8)
    writes = [MANIFEST, "PutObject index.html", "CreateInvalidation", MANIFEST]
    assert aws.writes() == writes


def test_a_dry_run_writes_nothing(aws: Aws, site_of: SiteOf) -> None:
    aws.deploy(site_of("v1", V1))
    aws.calls.clear()
    summary = aws.deploy(site_of("v2", V2), dry_run=True, delete=True, grace_days=0)
    assert {call.operation for call in aws.calls} <= {"ListObjectsV2", "GetObject", "HeadObject"}
    assert summary.plan.delete == ("assets/app-aaaa1111.js", "gone.html")
    reasons = {file.key: reason for file, reason in summary.plan.uploads.items()}
    assert reasons["index.html"] == "content"
    assert reasons["new.html"] == "new"


@pytest.mark.parametrize("workers", [1, 8])
def test_an_error_stops_before_the_next_phase(workers: int, aws: Aws, site_of: SiteOf) -> None:
    aws.deploy(site_of("v1", V1))
    failing = _Failing(aws, "assets/app-bbbb2222.js")
    with pytest.raises(RuntimeError):
        aws.deploy(site_of("v2", V2), workers=workers)
    failing.stop()
    assert aws.read("favicon.svg") == V1["favicon.svg"]
    assert aws.read("index.html") == V1["index.html"]


class _Failing:
    """Has the upload of this key fail, as a broken connection would."""

    def __init__(self, aws: Aws, key: str) -> None:
        self._events, self._key = aws.s3.meta.events, key
        self._events.register("before-parameter-build.s3.PutObject", self._fail)

    def _fail(self, params: dict[str, Any], **_: Any) -> None:
        if params["Key"] == self._key:
            raise RuntimeError("broken")

    def stop(self) -> None:
        self._events.unregister("before-parameter-build.s3.PutObject", self._fail)


def test_the_directory_must_be_there(aws: Aws, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no directory"):
        aws.deploy(tmp_path / "nowhere")
