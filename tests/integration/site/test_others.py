"""Buckets that are not ours, and deployments that are not alone."""

import threading
from typing import Any

import pytest

from infra.site.errors import Conflict, Refused
from infra.site.manifest import MANIFEST_KEY
from tests.integration.site.aws import ACCOUNT, Aws, Call
from tests.integration.site.sites import V1, V2, SiteOf, page


class TestWhoseBucket:
    def test_files_without_a_manifest_are_not_ours(self, aws: Aws, site_of: SiteOf) -> None:
        aws.put("theirs.txt", "precious")
        with pytest.raises(Refused, match="--adopt"):
            aws.deploy(site_of("v1", V1))
        assert aws.writes() == []

    def test_adopted_what_is_equal_stays(self, aws: Aws, site_of: SiteOf) -> None:
        aws.put("theirs.txt", "precious")
        aws.put(
            "index.html",
            V1["index.html"],
            ContentType="text/html; charset=utf-8",
            CacheControl="no-cache",
            ChecksumAlgorithm="SHA256",
        )
        aws.put("favicon.svg", V1["favicon.svg"], ContentType="image/svg+xml")
        summary = aws.deploy(site_of("v1", V1), adopt=True)
        uploads = {file.key: reason for file, reason in summary.plan.uploads.items()}
        assert uploads["index.html"] == "content"  # somebody else may take it back
        assert uploads["favicon.svg"] == "content"  # without a checksum nobody can tell
        assert "theirs.txt" in aws.published()
        assert list(aws.manifest()["stale"]) == ["theirs.txt"]
        aws.calls.clear()
        aws.deploy(site_of("v1", V1))
        assert aws.writes() == []

    def test_the_owner_goes_with_every_request(self, aws: Aws, site_of: SiteOf) -> None:
        """moto does not check it; S3 does."""
        sent: list[Any] = []
        aws.s3.meta.events.register(
            "before-parameter-build", lambda params, **_: sent.append(params)
        )
        aws.account = ACCOUNT
        aws.deploy(site_of("v1", V1))
        aws.deploy(site_of("v2", V2), delete=True, grace_days=0)
        assert len(sent) > 15
        assert {each.get("ExpectedBucketOwner") for each in sent} == {ACCOUNT}

    def test_one_that_may_not_be_listed_is_refused(self, aws: Aws, site_of: SiteOf) -> None:
        aws.bystander.delete_bucket(Bucket=aws.bucket)
        with pytest.raises(Refused, match=aws.bucket):
            aws.deploy(site_of("v1", V1))

    @pytest.mark.parametrize("text", ["", "no JSON", "{}", '{"format": 1, "files": []}', "[]"])
    def test_a_manifest_that_is_none_is_refused(self, text: str, aws: Aws, site_of: SiteOf) -> None:
        aws.put(MANIFEST_KEY, text)
        with pytest.raises(Refused, match="cannot be read"):
            aws.deploy(site_of("v1", V1))
        assert aws.writes() == []


class TestTwoAtATime:
    def test_the_second_fails_before_it_overwrites_a_page(self, aws: Aws, site_of: SiteOf) -> None:
        """Both have seen the same; the other was quicker with its intent."""
        v1, v2 = site_of("v1", V1), site_of("v2", V2)
        other = aws.beside()
        aws.deploy(v1)
        aws.calls.clear()
        at = threading.Event()

        def overtake(params: dict[str, Any], **_: Any) -> None:
            if not at.is_set():
                at.set()
                other.deploy(v2)

        aws.s3.meta.events.register("before-parameter-build.s3.PutObject", overtake)
        with pytest.raises(Conflict, match="run again"):
            aws.deploy(site_of("v3", {**V1, "index.html": page(text="three")}))
        assert aws.writes() == []
        assert aws.read("index.html") == V2["index.html"]

    def test_of_a_page_only_one_is_last(self, aws: Aws, site_of: SiteOf) -> None:
        """The other began after our intent, as one does that finishes a killed deployment."""
        aws.deploy(site_of("v1", V1))
        other, v3 = aws.beside(), site_of("v3", {**V1, "index.html": page(text="three")})

        def overtake(params: dict[str, Any], **_: Any) -> None:
            if params["Key"] == "index.html":
                other.deploy(v3)

        aws.s3.meta.events.register("before-parameter-build.s3.PutObject", overtake)
        with pytest.raises(Conflict, match=r"index\.html"):
            aws.deploy(site_of("v2", V2))
        assert aws.read("index.html") == page(text="three")

    def test_write_in_flight_is_reverted_too(self, aws: Aws, site_of: SiteOf) -> None:
        """A page's upload is slow while another page's upload fails, because of another run."""
        v1, v2 = site_of("v1", V1), site_of("v2", V2)
        aws.deploy(v1)
        other, v3 = aws.beside(), site_of("v3", {**V1, "about/index.html": page(text="three")})
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

    def test_asset_that_returns_survives_a_late_delete(self, aws: Aws, site_of: SiteOf) -> None:
        v1, v2 = site_of("v1", V1), site_of("v2", V2)
        aws.deploy(v1)
        aws.deploy(v2)
        other, back = aws.beside(), site_of("back", V1)

        def overtake(params: dict[str, Any], **_: Any) -> None:
            if "VersionId" in params["Delete"]["Objects"][0]:
                other.deploy(back)

        aws.s3.meta.events.register("before-parameter-build.s3.DeleteObjects", overtake)
        aws.deploy(v2, delete=True, grace_days=0)
        assert aws.read("index.html") == V1["index.html"]
        assert aws.read("assets/app-aaaa1111.js") == V1["assets/app-aaaa1111.js"]
