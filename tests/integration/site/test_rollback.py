"""Going back to an earlier release."""

import json
from pathlib import Path

import pytest

from infra.site.errors import Refused
from infra.site.manifest import MANIFEST_KEY
from infra.site.plan import DAY
from tests.integration.site.aws import Aws, Killed
from tests.integration.site.sites import V1, V2, SiteOf, page

NOWHERE = Path("/does/not/exist")
V3 = {**V2, "index.html": page("assets/app-bbbb2222.js", text="three")}


@pytest.fixture
def released(aws: Aws, site_of: SiteOf) -> Aws:
    release_all(aws, site_of)
    aws.calls.clear()
    return aws


def release_all(aws: Aws, site_of: SiteOf) -> None:
    for name, files in {"v1": V1, "v2": V2, "v3": V3}.items():
        aws.deploy(site_of(name, files), no_verify=True)


def live(aws: Aws) -> str:
    return aws.read("index.html")


def test_puts_back_pages_and_config(released: Aws) -> None:
    summary = released.deploy(NOWHERE, rollback=True)
    assert live(released) == V2["index.html"]
    assert [each.key for each in summary.plan.uploads] == ["index.html"]
    assert released.invalidated() == [("/", "/index.html")]
    assert json.loads(released.read("config.json")) == dict(released.target.config)


def test_again_goes_one_further_back(released: Aws) -> None:
    released.deploy(NOWHERE, rollback=True)
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V1["index.html"]
    assert released.read("favicon.svg") == V1["favicon.svg"]
    with pytest.raises(Refused, match="no earlier release"):
        released.deploy(NOWHERE, rollback=True)


def test_after_a_new_release_it_goes_back_to_what_was_live(released: Aws, site_of: SiteOf) -> None:
    released.deploy(NOWHERE, rollback=True)
    released.deploy(site_of("v4", {**V1, "index.html": page(text="four")}))
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V2["index.html"]


def test_what_changed_nothing_is_no_release(released: Aws, site_of: SiteOf) -> None:
    released.deploy(site_of("v3", V3))
    released.put("index.html", "defaced")
    released.deploy(site_of("v3", V3))
    assert live(released) == V3["index.html"]
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V2["index.html"]


def test_needs_an_earlier_release(aws: Aws, site_of: SiteOf) -> None:
    for _ in range(2):
        with pytest.raises(Refused, match="no earlier release"):
            aws.deploy(NOWHERE, rollback=True)
        aws.deploy(site_of("v1", V1))
        aws.calls.clear()
    assert aws.writes() == []


def test_is_refused_when_an_asset_is_gone(released: Aws, site_of: SiteOf) -> None:
    released.now += 8 * DAY
    released.deploy(site_of("v3", V3), delete=True)
    released.deploy(NOWHERE, rollback=True)
    released.calls.clear()
    with pytest.raises(Refused, match=r"assets/app-aaaa1111\.js"):
        released.deploy(NOWHERE, rollback=True)
    assert released.writes() == []


@pytest.mark.parametrize("key", ["index.html", MANIFEST_KEY])
def test_is_refused_when_a_version_is_no_longer_kept(key: str, released: Aws) -> None:
    versions = released.bystander.list_object_versions(Bucket=released.bucket, Prefix=key)
    for each in versions["Versions"]:
        if not each["IsLatest"]:
            released.bystander.delete_object(
                Bucket=released.bucket, Key=key, VersionId=each["VersionId"]
            )
    with pytest.raises(Refused, match="no longer kept"):
        released.deploy(NOWHERE, rollback=True)
    assert released.writes() == []


def test_a_dry_run_of_it_writes_nothing(released: Aws) -> None:
    summary = released.deploy(NOWHERE, rollback=True, dry_run=True)
    assert [each.key for each in summary.plan.uploads] == ["index.html"]
    assert released.writes() == []


def test_after_a_killed_release_it_goes_to_the_last_whole_one(
    released: Aws, site_of: SiteOf
) -> None:
    released.kill_at(5, before=False)
    with pytest.raises(Killed):
        released.deploy(site_of("v1", V1))
    released.kill_at(None)
    assert released.manifest()["pending"]
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V3["index.html"]
    assert released.read("favicon.svg") == V3["favicon.svg"]


def test_a_release_that_was_killed_and_finished_counts_once(released: Aws, site_of: SiteOf) -> None:
    v4 = site_of("v4", {**V3, "index.html": page(text="four")})
    released.kill_at(5, before=False)
    with pytest.raises(Killed):
        released.deploy(v4)
    released.kill_at(None)
    released.deploy(v4)
    assert len({past["release"] for past in released.manifest()["history"]}) == 3
    assert len(released.manifest()["history"]) == 3
    for files in (V3, V2, V1):
        released.deploy(NOWHERE, rollback=True)
        assert live(released) == files["index.html"]


def test_one_that_was_killed_does_not_lose_the_release_it_was_leaving(
    released: Aws, site_of: SiteOf
) -> None:
    released.kill_at(5)
    with pytest.raises(Killed):
        released.deploy(NOWHERE, rollback=True)
    released.kill_at(None)
    assert released.manifest()["pending"]
    released.deploy(site_of("v4", {**V1, "index.html": page(text="four")}))
    for files in (V3, V2, V1):
        released.deploy(NOWHERE, rollback=True)
        assert live(released) == files["index.html"]


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_one_that_was_killed_ends_where_it_was_going(step: int, aws: Aws, site_of: SiteOf) -> None:
    for index in range(0, 50, step):
        release_all(aws, site_of)
        aws.kill_at(index)
        try:
            aws.deploy(NOWHERE, rollback=True, no_verify=True)
            break
        except Killed:
            aws.kill_at(None)
            aws.deploy(NOWHERE, rollback=True)
            assert live(aws) == V2["index.html"], index
            assert aws.manifest()["pending"] is None
    assert index > 5


def test_no_more_than_ten_are_kept(aws: Aws, site_of: SiteOf) -> None:
    for n in range(13):
        aws.deploy(site_of("site", {"index.html": str(n)}), no_verify=True)
    for n in reversed(range(2, 12)):
        aws.deploy(NOWHERE, rollback=True)
        assert live(aws) == str(n)
    with pytest.raises(Refused, match="no earlier release"):
        aws.deploy(NOWHERE, rollback=True)
