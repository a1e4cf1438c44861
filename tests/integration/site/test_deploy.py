"""A deployment: the files that it uploads, and the files that it skips."""

import os
import re
from datetime import timedelta
from typing import Any

import pytest

from infra.site.headers import Serving
from infra.site.manifest import MANIFEST_KEY
from tests.integration.site.aws import Aws
from tests.integration.site.sites import V1, V2, WriteSite, page

MANIFEST = f"PutObject {MANIFEST_KEY}"


def test_first_deployment_goes_phase_by_phase(aws: Aws, write_site: WriteSite) -> None:
    summary = aws.deploy(write_site("v1", V1))
    assert [re.sub("(?<=HeadObject).*", "", call) for call in aws.operations()] == [
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


def test_every_file_has_its_headers_and_checksum(aws: Aws, write_site: WriteSite) -> None:
    aws.deploy(write_site("v1", V1))
    text = "; charset=utf-8"
    assert aws.headers("index.html") == ("text/html" + text, "no-cache")
    assert aws.headers("config.json") == ("application/json", "no-store")
    assert aws.headers("favicon.svg") == ("image/svg+xml", "public, max-age=300")
    immutable = "public, max-age=31536000, immutable"
    assert aws.headers("assets/app-aaaa1111.js") == ("text/javascript" + text, immutable)
    for key in (*V1, "config.json", MANIFEST_KEY):
        head = aws.bystander.head_object(Bucket=aws.bucket, Key=key, ChecksumMode="ENABLED")
        assert "ChecksumSHA256" in head, key


def test_unchanged_site_takes_two_reads(aws: Aws, write_site: WriteSite) -> None:
    source = write_site("v1", V1)
    first = aws.deploy(source)
    aws.calls.clear()
    summary = aws.deploy(source)
    assert sorted(aws.operations()) == ["GetObject " + MANIFEST_KEY, "ListObjectsV2"]
    assert (summary.release, summary.plan.uploads) == ("", {})
    assert summary.invalidation == first.invalidation


def test_older_file_of_equal_size_is_uploaded(aws: Aws, write_site: WriteSite) -> None:
    aws.deploy(write_site("v1", V1))
    source = write_site("v1", {**V1, "favicon.svg": "<svg>2</svg>"})
    os.utime(source / "favicon.svg", (0, 0))
    aws.calls.clear()
    aws.deploy(source)
    assert aws.writes() == [MANIFEST, "PutObject favicon.svg", "CreateInvalidation", MANIFEST]
    assert aws.invalidated() == [("/favicon.svg",)]
    assert aws.read("favicon.svg") == "<svg>2</svg>"


def test_changed_header_is_uploaded(aws: Aws, write_site: WriteSite) -> None:
    source = write_site("v1", V1)
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


def test_overwritten_file_is_restored(aws: Aws, write_site: WriteSite) -> None:
    source = write_site("v1", V1)
    aws.deploy(source)
    aws.put("favicon.svg", "<svg>X</svg>")
    aws.put("gone.html", V1["gone.html"], ContentType="text/plain")
    aws.calls.clear()
    aws.deploy(source)
    assert aws.read("favicon.svg") == V1["favicon.svg"]
    (paths,) = aws.invalidated()
    assert "/favicon.svg" in paths


def test_unknown_etag_is_read_once(aws: Aws, write_site: WriteSite) -> None:
    """Another writer has stored the same object, with equal content and headers."""
    source = write_site("v1", V1)
    aws.deploy(source)
    etag = aws.bystander.head_object(Bucket=aws.bucket, Key="favicon.svg")["ETag"]
    aws.put(MANIFEST_KEY, aws.read(MANIFEST_KEY).replace(etag.strip('"'), "0" * 32))
    aws.calls.clear()
    aws.deploy(source)
    assert "HeadObject favicon.svg" in aws.operations()
    assert aws.writes() == [MANIFEST]
    aws.calls.clear()
    aws.deploy(source)
    assert len(aws.calls) == 2


def test_time_after_the_manifest_is_read_once(aws: Aws, write_site: WriteSite) -> None:
    """S3 has many clocks. The next manifest is later than all of them."""
    source = write_site("v1", V1)
    aws.deploy(source)

    def late(parsed: dict[str, Any], **_: Any) -> None:
        for entry in parsed["Contents"]:
            if entry["Key"] == "favicon.svg":
                entry["LastModified"] += timedelta(minutes=1)

    aws.s3.meta.events.register("after-call.s3.ListObjectsV2", late)
    aws.calls.clear()
    aws.deploy(source)
    assert "HeadObject favicon.svg" in aws.operations()
    assert aws.writes() == [MANIFEST]


def test_file_deleted_during_the_read_is_new(aws: Aws, write_site: WriteSite) -> None:
    source = write_site("v1", V1)
    aws.deploy(source)
    aws.put("favicon.svg", "<svg>X</svg>")

    def vanish(params: dict[str, Any], **_: Any) -> None:
        aws.bystander.delete_object(Bucket=aws.bucket, Key=params["Key"])

    aws.s3.meta.events.register("before-parameter-build.s3.HeadObject", vanish)
    assert list(aws.deploy(source, no_verify=True).plan.uploads.values()) == ["new"]
    assert aws.read("favicon.svg") == V1["favicon.svg"]


def test_deleted_asset_is_uploaded_again(aws: Aws, write_site: WriteSite) -> None:
    source = write_site("v1", V1)
    aws.deploy(source)
    aws.bystander.delete_object(Bucket=aws.bucket, Key="assets/lib-cccc3333.js")
    aws.deploy(source)
    assert aws.read("assets/lib-cccc3333.js") == "lib"
    aws.calls.clear()
    aws.deploy(source)
    assert aws.writes() == []


def test_one_changed_file_is_one_upload(aws: Aws, write_site: WriteSite) -> None:
    many = {f"assets/part-{n:08x}.js": f"part {n}" for n in range(58)}
    aws.deploy(write_site("many", {"index.html": page(), **many}), workers=8)
    aws.calls.clear()
    source = write_site("many", {"index.html": page(), **many, "assets/part-ffffffff.js": "new"})
    summary = aws.deploy(source, workers=8)
    assert aws.writes() == [MANIFEST, "PutObject assets/part-ffffffff.js", MANIFEST]
    assert len(summary.plan.known) == 60
    changed = page(text="changed")
    source = write_site("many", {"index.html": changed, **many, "assets/part-ffffffff.js": "new"})
    aws.calls.clear()
    aws.deploy(source, workers=8)
    writes = [MANIFEST, "PutObject index.html", "CreateInvalidation", MANIFEST]
    assert aws.writes() == writes


def test_dry_run_makes_no_write(aws: Aws, write_site: WriteSite) -> None:
    aws.deploy(write_site("v1", V1))
    aws.calls.clear()
    summary = aws.deploy(write_site("v2", V2), dry_run=True, delete=True, grace_days=0)
    assert {call.operation for call in aws.calls} <= {"ListObjectsV2", "GetObject", "HeadObject"}
    assert summary.plan.delete == ("assets/app-aaaa1111.js", "gone.html")
    reasons = {file.key: reason for file, reason in summary.plan.uploads.items()}
    assert reasons["index.html"] == "content"
    assert reasons["new.html"] == "new"


@pytest.mark.parametrize("workers", [1, 8])
def test_error_stops_before_the_next_phase(workers: int, aws: Aws, write_site: WriteSite) -> None:
    aws.deploy(write_site("v1", V1))

    def fail(params: dict[str, Any], **_: Any) -> None:
        if params["Key"] == "assets/app-bbbb2222.js":
            raise RuntimeError("broken")

    aws.s3.meta.events.register("before-parameter-build.s3.PutObject", fail)
    with pytest.raises(RuntimeError):
        aws.deploy(write_site("v2", V2), workers=workers)
    assert aws.read("favicon.svg") == V1["favicon.svg"]
    assert aws.read("index.html") == V1["index.html"]
