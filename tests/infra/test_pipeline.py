"""The parts of .github/workflows that only this project knows. zizmor checks the rest.

`make check` runs zizmor: pinned actions from a list, permissions, triggers, templates, credentials.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tools.project import PROJECT

FILES = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))
TEXTS = {file.name: file.read_text() for file in FILES}
# YAML 1.1 takes the key `on` for true.
WORKFLOWS: dict[str, dict[Any, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
JOBS = {
    f"{name} {job}": content
    for name, workflow in WORKFLOWS.items()
    for job, content in workflow["jobs"].items()
}
DEPLOYING = {name: job for name, job in JOBS.items() if "environment" in job}

TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def steps(key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the steps that have this key, with the name of their job."""
    for name, job in JOBS.items():
        yield from ((name, step) for step in job["steps"] if key in step)


def test_action_has_one_version_that_is_named_beside_its_digest() -> None:
    lines = {
        line.strip() for text in TEXTS.values() for line in text.splitlines() if "uses:" in line
    }
    assert all(re.fullmatch(r"- uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line) for line in lines)
    assert len(lines) == len({step["uses"].partition("@")[0] for _, step in steps("uses")}) > 1


@pytest.mark.parametrize("name", TEXTS)
def test_no_key_is_stored(name: str) -> None:
    assert "secrets." not in TEXTS[name]


@pytest.mark.parametrize("name", JOBS)
def test_only_deploying_jobs_get_a_token(name: str) -> None:
    expected = {"contents": "read", "id-token": "write"} if name in DEPLOYING else None
    assert JOBS[name].get("permissions") == expected
    credentials = [s for s in JOBS[name]["steps"] if "configure-aws" in s.get("uses", "")]
    assert len(credentials) == (1 if name in DEPLOYING else 0)


def test_job_runs_make_targets_for_its_own_stage() -> None:
    for name, step in steps("run"):
        match = re.fullmatch(r"make ([a-z-]+)(?: STAGE=(\w+))?", step["run"])
        assert match, step
        assert match[1] in TARGETS
        assert match[2] == JOBS[name].get("environment"), name


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_what_was_released_is_checked_where_it_is(stage: str) -> None:
    last = [step.get("run") for step in JOBS[f"pipeline.yml {stage}"]["steps"]][-2:]
    assert last == [f"make release STAGE={stage}", f"make smoke STAGE={stage}"]


@pytest.mark.parametrize("name", JOBS)
def test_each_job_ends_and_none_is_in_anothers_way(name: str) -> None:
    job = JOBS[name]
    assert 0 < job["timeout-minutes"] <= 60
    if name in DEPLOYING:
        assert job["concurrency"]["cancel-in-progress"] is False


def test_a_stage_has_one_release_at_a_time_and_a_rollback_need_not_wait_for_it() -> None:
    groups = {name: job["concurrency"]["group"] for name, job in DEPLOYING.items()}
    assert groups == {
        "pipeline.yml dev": "release-dev",
        "pipeline.yml prod": "release-prod",
        "rollback.yml prod": "rollback-prod",
    }


def test_what_is_deployed_was_tested_and_comes_from_where_it_should() -> None:
    dev, prod = JOBS["pipeline.yml dev"], JOBS["pipeline.yml prod"]
    assert (dev["needs"], prod["needs"]) == ("test", "test")
    assert (dev["environment"], prod["environment"]) == ("dev", "prod")
    assert dev["if"].startswith("github.ref == 'refs/heads/main' && ")
    assert prod["if"].startswith("startsWith(github.ref, 'refs/tags/v') && ")
    assert WORKFLOWS["pipeline.yml"][True] == {
        "push": {"branches": ["**"], "tags": ["v*"]},
        "pull_request": None,
    }
    assert WORKFLOWS["rollback.yml"][True] == {"workflow_dispatch": None}
    assert JOBS["rollback.yml prod"]["environment"] == "prod"


def test_without_settings_nothing_is_deployed() -> None:
    for job in DEPLOYING.values():
        assert job["if"].endswith("vars.AWS_REGION != ''")
