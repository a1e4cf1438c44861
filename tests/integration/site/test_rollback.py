"""Rollback to an earlier release."""

import json
from pathlib import Path

import pytest

from infra.site.errors import Refused
from infra.site.manifest import MANIFEST_KEY
from infra.site.plan import DAY
from tests.integration.site.aws import Aws, Killed
from tests.integration.site.sites import V1, V2, WriteSite, page

NOWHERE = Path("/does/not/exist")
V3 = {**V2, "index.html": page("assets/app-bbbb2222.js", text="three")}


@pytest.fixture
def released(aws: Aws, write_site: WriteSite) -> Aws:
    release_all(aws, write_site)
    aws.calls.clear()
    return aws


def release_all(aws: Aws, write_site: WriteSite) -> None:
    for name, files in {"v1": V1, "v2": V2, "v3": V3}.items():
        aws.deploy(write_site(name, files), no_verify=True)


def live(aws: Aws) -> str:
    return aws.read("index.html")


def test_rollback_restores_pages_and_config(released: Aws) -> None:
    summary = released.deploy(NOWHERE, rollback=True)
    assert live(released) == V2["index.html"]
    assert [file.key for file in summary.plan.uploads] == ["index.html"]
    assert released.invalidated() == [("/", "/index.html")]
    assert json.loads(released.read("config.json")) == dict(released.target.config)


def test_second_rollback_goes_further_back(released: Aws) -> None:
    released.deploy(NOWHERE, rollback=True)
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V1["index.html"]
    assert released.read("favicon.svg") == V1["favicon.svg"]
    with pytest.raises(Refused, match="no earlier release"):
        released.deploy(NOWHERE, rollback=True)


def test_rollback_skips_a_rolled_back_release(released: Aws, write_site: WriteSite) -> None:
    released.deploy(NOWHERE, rollback=True)
    released.deploy(write_site("v4", {**V1, "index.html": page(text="four")}))
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V2["index.html"]


def test_unchanged_release_is_not_counted(released: Aws, write_site: WriteSite) -> None:
    released.deploy(write_site("v3", V3))
    released.put("index.html", "defaced")
    released.deploy(write_site("v3", V3))
    assert live(released) == V3["index.html"]
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V2["index.html"]


def test_rollback_needs_an_earlier_release(aws: Aws, write_site: WriteSite) -> None:
    for _ in range(2):
        with pytest.raises(Refused, match="no earlier release"):
            aws.deploy(NOWHERE, rollback=True)
        aws.deploy(write_site("v1", V1))
        aws.calls.clear()
    assert aws.writes() == []


def test_rollback_without_an_asset_is_refused(released: Aws, write_site: WriteSite) -> None:
    released.now += 8 * DAY
    released.deploy(write_site("v3", V3), delete=True)
    released.deploy(NOWHERE, rollback=True)
    released.calls.clear()
    with pytest.raises(Refused, match=r"assets/app-aaaa1111\.js"):
        released.deploy(NOWHERE, rollback=True)
    assert released.writes() == []


@pytest.mark.parametrize("key", ["index.html", MANIFEST_KEY])
def test_rollback_without_a_version_is_refused(key: str, released: Aws) -> None:
    versions = released.bystander.list_object_versions(Bucket=released.bucket, Prefix=key)
    for version in versions["Versions"]:
        if not version["IsLatest"]:
            released.bystander.delete_object(
                Bucket=released.bucket, Key=key, VersionId=version["VersionId"]
            )
    with pytest.raises(Refused, match="no longer kept"):
        released.deploy(NOWHERE, rollback=True)
    assert released.writes() == []


def test_dry_run_of_a_rollback_makes_no_write(released: Aws) -> None:
    summary = released.deploy(NOWHERE, rollback=True, dry_run=True)
    assert [file.key for file in summary.plan.uploads] == ["index.html"]
    assert released.writes() == []


def test_killed_release_rolls_back_to_the_last(released: Aws, write_site: WriteSite) -> None:
    released.kill_at(5, before=False)
    with pytest.raises(Killed):
        released.deploy(write_site("v1", V1))
    released.kill_at(None)
    assert released.manifest()["pending"]
    released.deploy(NOWHERE, rollback=True)
    assert live(released) == V3["index.html"]
    assert released.read("favicon.svg") == V3["favicon.svg"]


def test_finished_killed_release_counts_once(released: Aws, write_site: WriteSite) -> None:
    v4 = write_site("v4", {**V3, "index.html": page(text="four")})
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


def test_killed_rollback_keeps_the_left_release(released: Aws, write_site: WriteSite) -> None:
    released.kill_at(5)
    with pytest.raises(Killed):
        released.deploy(NOWHERE, rollback=True)
    released.kill_at(None)
    assert released.manifest()["pending"]
    released.deploy(write_site("v4", {**V1, "index.html": page(text="four")}))
    for files in (V3, V2, V1):
        released.deploy(NOWHERE, rollback=True)
        assert live(released) == files["index.html"]


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_killed_rollback_can_be_finished(step: int, aws: Aws, write_site: WriteSite) -> None:
    for index in range(0, 50, step):
        release_all(aws, write_site)
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


def test_ten_releases_are_kept(aws: Aws, write_site: WriteSite) -> None:
    for n in range(13):
        aws.deploy(write_site("site", {"index.html": str(n)}), no_verify=True)
    for n in reversed(range(2, 12)):
        aws.deploy(NOWHERE, rollback=True)
        assert live(aws) == str(n)
    with pytest.raises(Refused, match="no earlier release"):
        aws.deploy(NOWHERE, rollback=True)
