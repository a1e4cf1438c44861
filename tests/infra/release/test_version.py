"""Releases that fail in every way, and the way back, on AWS as it is documented."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.config import app_name
from infra.errors import (
    DeploymentFailed,
    Misconfigured,
    NoEarlierVersion,
    OlderSource,
    Overtaken,
    Refused,
)
from infra.release.preflight import Source
from infra.release.traffic import Traffic
from tests.clients import as_client
from tests.infra.release.conftest import Project

Release = Callable[..., None]


def test_rejected_release_keeps_previous_version(project: Project, release: Release) -> None:
    release("good")
    project.functions.broken = {"bad"}
    with pytest.raises(DeploymentFailed, match="alarms"):
        release("bad")
    assert project.live == "good"
    assert [each.version for each in project.history()] == [project.functions.alias]


def test_rejected_release_can_be_released_again(project: Project, release: Release) -> None:
    release("good")
    project.functions.broken = {"unlucky"}
    with pytest.raises(DeploymentFailed):
        release("unlucky")
    project.functions.broken = set()
    release("unlucky")
    assert project.live == "unlucky"


def test_rollback_restores_the_previous_version(project: Project, release: Release) -> None:
    """Good, bad, rollback, fix, rollback: by its number, the bad version is before the fix."""
    release("good")
    release("bad")
    project.roll_back()
    assert project.live == "good"
    release("fix")
    assert project.live == "fix"
    project.roll_back()
    assert project.live == "good"


def test_second_rollback_requires_a_version(project: Project, release: Release) -> None:
    for code in ("old", "good", "bad"):
        release(code)
    project.roll_back()
    with pytest.raises(NoEarlierVersion, match=r"rollback from 3 .* pass --to VERSION"):
        project.roll_back()
    assert project.live == "good"
    project.roll_back(to="1")
    assert project.live == "old"


def test_rollbacks_at_once_go_back_one_version(
    project: Project, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in ("old", "good", "bad"):
        release(code)
    look = project.functions.get_alias

    def look_and_be_overtaken(**named: Any) -> dict[str, str]:
        found = look(**named)
        monkeypatch.setattr(project.functions, "get_alias", look)
        project.roll_back()
        return found

    monkeypatch.setattr(project.functions, "get_alias", look_and_be_overtaken)
    with pytest.raises((Overtaken, NoEarlierVersion)):
        project.roll_back()
    assert project.live == "good"


def test_version_can_be_released_after_rollback(project: Project, release: Release) -> None:
    release("old")
    release("good")
    project.roll_back()
    release("good")
    assert project.live == "good"
    release("bad")
    project.roll_back()
    assert project.live == "good"


def test_release_after_rollback_is_not_refused(project: Project, release: Release) -> None:
    """CodeDeploy is told the version that CloudFormation made live, and refuses another."""
    release("good")
    release("bad")
    project.roll_back()
    release("fix")
    assert project.live == "fix"
    assert any("no canary is possible" in line for line in project.said)
    project.said.clear()
    release("next")
    assert project.live == "next"
    assert not any("no canary is possible" in line for line in project.said)


def test_fix_is_released_while_live_version_fails(project: Project, release: Release) -> None:
    release("bad")
    project.functions.broken = {"bad"}
    # The alarms of the version that fails are on, and those of the whole stage would be.
    project.formation.on = {
        name for name in project.formation.resources() if name.startswith("Canary")
    }
    assert project.formation.on
    release("fix")
    assert project.live == "fix"


def test_fix_is_released_while_everything_fails(project: Project, release: Release) -> None:
    release("bad")
    project.functions.broken = {"bad", "fix"}
    with pytest.raises(DeploymentFailed, match="alarms"):
        release("fix")
    release("fix", canary=False)
    assert project.live == "fix"
    project.functions.broken.add("next")
    with pytest.raises(DeploymentFailed, match="alarms"):
        release("next")


def test_rollback_stops_a_canary(project: Project, release: Release) -> None:
    release("good")
    project.formation.status = "UPDATE_IN_PROGRESS"
    project.codedeploy.under_way = ["d-1"]
    project.roll_back()
    assert project.codedeploy.stopped == ["d-1"]
    assert not project.formation.cancelled
    assert project.live == "good"


def test_rollback_before_canary_stops_the_release(project: Project, release: Release) -> None:
    release("old")
    release("good")
    project.formation.status = "UPDATE_IN_PROGRESS"
    project.roll_back()
    assert project.formation.cancelled
    assert project.live == "good", "the alias is CloudFormation's while the stack changes"


@pytest.mark.parametrize(
    "status", ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"]
)
def test_rollback_during_stack_change_is_rejected(
    status: str, project: Project, release: Release
) -> None:
    release("old")
    release("good")
    project.formation.status = status
    with pytest.raises(Refused, match=f"{status}: run the command again"):
        project.roll_back()
    assert project.live == "good"


def test_rollback_to_missing_lists_versions(project: Project, release: Release) -> None:
    release("good")
    with pytest.raises(NoEarlierVersion, match="has no version 9: pass one of 1"):
        project.roll_back(to="9")
    with pytest.raises(NoEarlierVersion, match="no version was live before 1"):
        project.roll_back()


def test_next_release_records_unknown_version(project: Project, release: Release) -> None:
    release("good")
    project.storage.objects = {
        key: body for key, body in project.storage.objects.items() if key.endswith(".zip")
    }
    with pytest.raises(NoEarlierVersion, match=f"no release of {app_name()}-prod is recorded"):
        project.roll_back()
    release("bad")
    assert [each.cause for each in project.history()] == ["found", "release"]
    project.roll_back()
    assert project.live == "good"


def test_changed_tags_publish_no_version(project: Project, release: Release) -> None:
    release("good")
    function = project.template["Resources"]["APIHandler"]["Properties"]
    function["Tags"] = {**function["Tags"], "team": "lamps"}
    release("good")
    assert project.formation.resources()["APIHandler"]["Properties"]["Tags"]
    assert project.functions.alias == "1"


def test_changed_memory_publishes_a_version(project: Project, release: Release) -> None:
    release("good")
    project.template["Resources"]["APIHandler"]["Properties"]["MemorySize"] = 2048
    release("good")
    assert project.functions.alias == "2"


def test_older_source_is_refused_unless_chosen(project: Project, release: Release) -> None:
    project.source = Source("b" * 40, 2000)
    release("new")
    project.source = Source("a" * 40, 1000)
    with pytest.raises(OlderSource, match=r"aaaa.* is older than bbbb.* pass --older"):
        release("old")
    assert project.live == "new"
    release("old", older=True)
    assert project.live == "old"


def test_other_python_is_refused_unless_chosen(project: Project, release: Release) -> None:
    release("good")
    project.functions.runtime = "python3.99"
    with pytest.raises(Misconfigured, match=r"runs on python3\.99, .* pass PYTHON=python3\.99"):
        release("next")
    assert project.live == "good"
    release("next", change_runtime=True)
    assert project.functions.runtime == f"python{sys.version_info[0]}.{sys.version_info[1]}"


def test_failed_requests_are_counted(project: Project, release: Release) -> None:
    release("good")
    project.functions.failing_calls = 3
    traffic = Traffic(as_client(project.functions), project.stage)
    traffic.send_once()
    assert traffic.answers == {("1", "200"): 1}
    assert traffic.report()[-1].startswith("3 of the release's own requests failed: ClientError: ")


def test_release_without_any_answer_fails(project: Project, release: Release) -> None:
    release("good")
    project.functions.failing_calls = 1000
    with pytest.raises(DeploymentFailed, match="version 2 is live, but has responded to none"):
        release("silent")
