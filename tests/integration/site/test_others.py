"""Buckets of other writers, and concurrent deployments."""

import threading
from typing import Any

import pytest

from infra.site.errors import Conflict, Refused
from infra.site.manifest import MANIFEST_KEY
from tests.integration.site.aws import ACCOUNT, Aws, Call
from tests.integration.site.sites import V1, V2, WriteSite, page


class TestForeignBucket:
    def test_files_without_manifest_are_refused(self, aws: Aws, write_site: WriteSite) -> None:
        aws.put("theirs.txt", "precious")
        with pytest.raises(Refused, match="--adopt"):
            aws.deploy(write_site("v1", V1))
        assert aws.writes() == []

    def test_adoption_uploads_all_and_keeps_others(self, aws: Aws, write_site: WriteSite) -> None:
        aws.put("theirs.txt", "precious")
        aws.put(
            "index.html",
            V1["index.html"],
            ContentType="text/html; charset=utf-8",
            CacheControl="no-cache",
            ChecksumAlgorithm="SHA256",
        )
        aws.put("favicon.svg", V1["favicon.svg"], ContentType="image/svg+xml")
        summary = aws.deploy(write_site("v1", V1), adopt=True)
        uploads = {file.key: reason for file, reason in summary.plan.uploads.items()}
        assert uploads["index.html"] == "content"  # another writer may replace it
        assert uploads["favicon.svg"] == "content"  # without a checksum the content is unknown
        assert "theirs.txt" in aws.published()
        assert list(aws.manifest()["stale"]) == ["theirs.txt"]
        aws.calls.clear()
        aws.deploy(write_site("v1", V1))
        assert aws.writes() == []

    def test_every_request_names_the_owner(self, aws: Aws, write_site: WriteSite) -> None:
        """S3 checks the owner, moto does not."""
        requests: list[Any] = []
        aws.s3.meta.events.register(
            "before-parameter-build", lambda params, **_: requests.append(params)
        )
        aws.account = ACCOUNT
        aws.deploy(write_site("v1", V1))
        aws.deploy(write_site("v2", V2), delete=True, grace_days=0)
        assert len(requests) > 15
        assert {request.get("ExpectedBucketOwner") for request in requests} == {ACCOUNT}

    def test_unlistable_bucket_is_refused(self, aws: Aws, write_site: WriteSite) -> None:
        aws.bystander.delete_bucket(Bucket=aws.bucket)
        with pytest.raises(Refused, match=aws.bucket):
            aws.deploy(write_site("v1", V1))

    @pytest.mark.parametrize("text", ["", "no JSON", "{}", '{"format": 1, "files": []}', "[]"])
    def test_invalid_manifest_is_refused(self, text: str, aws: Aws, write_site: WriteSite) -> None:
        aws.put(MANIFEST_KEY, text)
        with pytest.raises(Refused, match="cannot be read"):
            aws.deploy(write_site("v1", V1))
        assert aws.writes() == []


class TestConcurrentDeployments:
    def test_second_fails_before_it_writes_a_page(self, aws: Aws, write_site: WriteSite) -> None:
        """Both have read the same state. The other writes its intent first."""
        v1, v2 = write_site("v1", V1), write_site("v2", V2)
        other = aws.copy()
        aws.deploy(v1)
        aws.calls.clear()
        at = threading.Event()

        def overtake(params: dict[str, Any], **_: Any) -> None:
            if not at.is_set():
                at.set()
                other.deploy(v2)

        aws.s3.meta.events.register("before-parameter-build.s3.PutObject", overtake)
        with pytest.raises(Conflict, match="run again"):
            aws.deploy(write_site("v3", {**V1, "index.html": page(text="three")}))
        assert aws.writes() == []
        assert aws.read("index.html") == V2["index.html"]

    def test_page_has_one_last_writer(self, aws: Aws, write_site: WriteSite) -> None:
        """The other begins after our intent, as a run that finishes a killed deployment does."""
        aws.deploy(write_site("v1", V1))
        other, v3 = aws.copy(), write_site("v3", {**V1, "index.html": page(text="three")})

        def overtake(params: dict[str, Any], **_: Any) -> None:
            if params["Key"] == "index.html":
                other.deploy(v3)

        aws.s3.meta.events.register("before-parameter-build.s3.PutObject", overtake)
        with pytest.raises(Conflict, match=r"index\.html"):
            aws.deploy(write_site("v2", V2))
        assert aws.read("index.html") == page(text="three")

    def test_write_in_flight_is_reverted_too(self, aws: Aws, write_site: WriteSite) -> None:
        """A page's upload is slow while another page's upload fails, because of another run."""
        v1, v2 = write_site("v1", V1), write_site("v2", V2)
        aws.deploy(v1)
        other, v3 = aws.copy(), write_site("v3", {**V1, "about/index.html": page(text="three")})
        overtaken, too_late = threading.Event(), threading.Event()

        def delay(params: dict[str, Any], **_: Any) -> None:
            if params["Key"] == "about/index.html":
                other.deploy(v3)
                overtaken.set()
            elif params["Key"] == "index.html":
                overtaken.wait(10)
                too_late.wait(0.3)

        def note(call: Call) -> None:
            if str(call) == "HeadObject index.html":
                too_late.set()

        aws.s3.meta.events.register("before-parameter-build.s3.PutObject", delay)
        aws.observe = note
        with pytest.raises(Conflict, match=r"about/index\.html"):
            aws.deploy(v2, workers=8)
        assert aws.read("index.html") == V1["index.html"]

    def test_returned_asset_survives_a_late_delete(self, aws: Aws, write_site: WriteSite) -> None:
        v1, v2 = write_site("v1", V1), write_site("v2", V2)
        aws.deploy(v1)
        aws.deploy(v2)
        other, back = aws.copy(), write_site("back", V1)

        def overtake(params: dict[str, Any], **_: Any) -> None:
            if "VersionId" in params["Delete"]["Objects"][0]:
                other.deploy(back)

        aws.s3.meta.events.register("before-parameter-build.s3.DeleteObjects", overtake)
        aws.deploy(v2, delete=True, grace_days=0)
        assert aws.read("index.html") == V1["index.html"]
        assert aws.read("assets/app-aaaa1111.js") == V1["assets/app-aaaa1111.js"]
