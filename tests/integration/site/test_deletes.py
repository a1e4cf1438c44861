"""What is deleted, when, and what is never."""

from typing import Any

import pytest

from infra.site.errors import NotDeleted, Refused
from infra.site.plan import DAY
from tests.integration.site.aws import Aws
from tests.integration.site.sites import V1, V2, SiteOf, page

OLD_ASSET = "assets/app-aaaa1111.js"


@pytest.fixture
def released(aws: Aws, site_of: SiteOf) -> Aws:
    """Two releases, the first of which had a page and an asset that the second has not."""
    aws.deploy(site_of("v1", V1), no_verify=True)
    aws.deploy(site_of("v2", V2), no_verify=True)
    aws.calls.clear()
    return aws


def test_nothing_is_unless_asked_for(released: Aws, site_of: SiteOf) -> None:
    released.now += 365 * DAY
    released.deploy(site_of("v2", V2))
    assert {OLD_ASSET, "gone.html"} <= released.published()
    assert released.writes() == []


def test_a_page_goes_at_once_and_an_asset_after_its_grace(released: Aws, site_of: SiteOf) -> None:
    v2 = site_of("v2", V2)
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


def test_assets_go_after_the_invalidation(released: Aws, site_of: SiteOf) -> None:
    """Until CloudFront has accepted it, an edge may serve a page that names them."""
    released.deploy(site_of("v2", V2), delete=True, grace_days=0)
    order = [call.deleted or call.paths for call in released.calls if call.deleted or call.paths]
    assert order == [("gone.html",), ("/gone.html",), (OLD_ASSET,)]


def test_the_grace_begins_again_for_an_asset_that_was_back(released: Aws, site_of: SiteOf) -> None:
    released.now += 6 * DAY
    released.deploy(site_of("v1", V1))
    released.now += DAY
    released.deploy(site_of("v2", V2))
    released.now += 6 * DAY
    released.deploy(site_of("v2", V2), delete=True)
    assert OLD_ASSET in released.published()
    released.now += DAY
    released.deploy(site_of("v2", V2), delete=True)
    assert OLD_ASSET not in released.published()


def test_many_are_refused_unless_allowed(aws: Aws, site_of: SiteOf) -> None:
    many = {f"page-{n}.html": page() for n in range(30)}
    aws.deploy(site_of("many", {**V1, **many}))
    few = site_of("few", V1)
    aws.calls.clear()
    for allowed in (None, 29):
        with pytest.raises(Refused, match="--allow-delete 30"):
            aws.deploy(few, delete=True, allow_delete=allowed)
    assert aws.writes() == []
    assert len(aws.deploy(few, delete=True, allow_delete=30).plan.delete) == 30
    assert aws.published() == {*V1, "config.json"}


@pytest.mark.parametrize("key", ["gone.html", OLD_ASSET])
def test_an_answer_with_errors_is_one(key: str, released: Aws, site_of: SiteOf) -> None:
    v2 = site_of("v2", V2)

    def denied(parsed: dict[str, Any], **_: Any) -> None:
        parsed["Errors"] = [{"Key": key, "Code": "AccessDenied", "Message": "no"}]

    events = released.s3.meta.events
    events.register("after-call.s3.DeleteObjects", denied)
    with pytest.raises(NotDeleted, match=rf"{key} \(AccessDenied\)"):
        released.deploy(v2, delete=True, grace_days=0)
    events.unregister("after-call.s3.DeleteObjects", denied)
    # Pages that did change are live all the same, and what is still there is tried again.
    released.put(key, "still there")
    released.deploy(v2, delete=True, grace_days=0)
    assert released.published() == {*V2, "config.json"}


def test_more_than_one_batch(aws: Aws, site_of: SiteOf) -> None:
    """DeleteObjects takes 1,000 keys at a time."""
    for n in range(1001):
        aws.put_directly(f"p/{n}.txt", b"x")
    options: dict[str, Any] = {"adopt": True, "delete": True, "allow_delete": 1001}
    assert len(aws.deploy(site_of("v1", V1), **options).plan.delete) == 1001
    assert [len(call.deleted) for call in aws.calls if call.deleted] == [1000, 1]
    (paths,) = aws.invalidated()
    assert "/p/*" in paths
