"""Deletions: of which files, when, and with which permission."""

from typing import Any

import pytest

from infra.site.errors import NotDeleted, Refused
from infra.site.plan import DAY
from tests.integration.site.aws import Aws
from tests.integration.site.sites import V1, V2, WriteSite, page

OLD_ASSET = "assets/app-aaaa1111.js"


@pytest.fixture
def released(aws: Aws, write_site: WriteSite) -> Aws:
    """Return a bucket after two releases. The second lacks a page and an asset of the first."""
    aws.deploy(write_site("v1", V1), no_verify=True)
    aws.deploy(write_site("v2", V2), no_verify=True)
    aws.calls.clear()
    return aws


def test_no_file_is_deleted_by_default(released: Aws, write_site: WriteSite) -> None:
    released.now += 365 * DAY
    released.deploy(write_site("v2", V2))
    assert {OLD_ASSET, "gone.html"} <= released.published()
    assert released.writes() == []


def test_page_goes_at_once_and_asset_after_grace(released: Aws, write_site: WriteSite) -> None:
    v2 = write_site("v2", V2)
    released.now += 7 * DAY - 1
    summary = released.deploy(v2, delete=True)
    assert len(summary.plan.delete) == 1
    assert "gone.html" not in released.published()
    assert OLD_ASSET in released.published()
    assert released.invalidated() == [("/gone.html",)]

    released.now += 1
    released.calls.clear()
    assert len(released.deploy(v2, delete=True).plan.delete) == 1
    assert released.published() == {*V2, "config.json"}
    assert released.invalidated() == []

    released.calls.clear()
    released.deploy(v2, delete=True)
    assert released.writes() == []


def test_assets_go_after_the_invalidation(released: Aws, write_site: WriteSite) -> None:
    """Until CloudFront has accepted it, an edge may serve a page that names them."""
    released.deploy(write_site("v2", V2), delete=True, grace_days=0)
    order = [call.deleted or call.paths for call in released.calls if call.deleted or call.paths]
    assert order == [("gone.html",), ("/gone.html",), (OLD_ASSET,)]


def test_grace_restarts_for_a_returned_asset(released: Aws, write_site: WriteSite) -> None:
    released.now += 6 * DAY
    released.deploy(write_site("v1", V1))
    released.now += DAY
    released.deploy(write_site("v2", V2))
    released.now += 6 * DAY
    released.deploy(write_site("v2", V2), delete=True)
    assert OLD_ASSET in released.published()
    released.now += DAY
    released.deploy(write_site("v2", V2), delete=True)
    assert OLD_ASSET not in released.published()


def test_many_deletions_are_refused_by_default(aws: Aws, write_site: WriteSite) -> None:
    many = {f"page-{n}.html": page() for n in range(30)}
    aws.deploy(write_site("many", {**V1, **many}))
    few = write_site("few", V1)
    aws.calls.clear()
    for allowed in (None, 29):
        with pytest.raises(Refused, match="--allow-delete 30"):
            aws.deploy(few, delete=True, allow_delete=allowed)
    assert aws.writes() == []
    assert len(aws.deploy(few, delete=True, allow_delete=30).plan.delete) == 30
    assert aws.published() == {*V1, "config.json"}


@pytest.mark.parametrize("key", ["gone.html", OLD_ASSET])
def test_response_with_errors_is_an_error(key: str, released: Aws, write_site: WriteSite) -> None:
    v2 = write_site("v2", V2)

    def denied(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Errors"] = [{"Key": key, "Code": "AccessDenied", "Message": "no"}]

    events = released.s3.meta.events
    events.register("after-call.s3.DeleteObjects", denied)
    with pytest.raises(NotDeleted, match=rf"{key} \(AccessDenied\)"):
        released.deploy(v2, delete=True, grace_days=0)
    events.unregister("after-call.s3.DeleteObjects", denied)
    # The changed pages are live, and the next run deletes the remaining file.
    released.put(key, "still there")
    released.deploy(v2, delete=True, grace_days=0)
    assert released.published() == {*V2, "config.json"}


def test_deletion_is_split_into_batches(aws: Aws, write_site: WriteSite) -> None:
    """DeleteObjects takes 1,000 keys at a time."""
    for n in range(1001):
        aws.put_directly(f"p/{n}.txt", b"x")
    options: dict[str, Any] = {"adopt": True, "delete": True, "allow_delete": 1001}
    assert len(aws.deploy(write_site("v1", V1), **options).plan.delete) == 1001
    assert [len(call.deleted) for call in aws.calls if call.deleted] == [1000, 1]
    (paths,) = aws.invalidated()
    assert "/p/*" in paths
