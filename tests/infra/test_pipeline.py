"""The parts of .github/workflows that only this project knows. zizmor checks the rest.

`make check` runs zizmor: pinned actions from a list, permissions, triggers, templates, credentials.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from infra.stage import Stage
from tests.smoke.conftest import open_questions
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


def test_action_digest_has_a_version_comment() -> None:
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
        environment = JOBS[name].get("environment")
        assert match[2] == (environment and environment.removesuffix("-rollback")), name
        assert match[2] is None or Stage.load(PROJECT, match[2])


@pytest.mark.parametrize("stage", ["staging", "prod"])
def test_pipeline_smoke_tests_each_release(stage: str) -> None:
    last = [step.get("run") for step in JOBS[f"pipeline.yml {stage}"]["steps"]][-2:]
    assert last == [f"make release STAGE={stage}", f"make smoke STAGE={stage}"]


@pytest.mark.parametrize("name", JOBS)
def test_jobs_have_timeouts(name: str) -> None:
    job = JOBS[name]
    assert 0 < job["timeout-minutes"] <= 60


def test_releases_and_rollbacks_are_exclusive() -> None:
    """A release waits for another one. A rollback cancels it, because it must not wait."""
    concurrency = {name: job["concurrency"] for name, job in DEPLOYING.items()}
    assert concurrency == {
        "pipeline.yml staging": {"group": "release-staging", "cancel-in-progress": False},
        "pipeline.yml prod": {"group": "release-prod", "cancel-in-progress": False},
        "rollback.yml prod": {"group": "release-prod", "cancel-in-progress": True},
    }


def test_pipeline_skips_stages_of_chalice_deploy() -> None:
    """A stage is deployed by `chalice deploy` or by a release: the function has one name."""
    readme = (PROJECT / "README.md").read_text()
    by_hand = set(re.findall(r"chalice deploy --stage (\w+)", readme))
    released = {name.rpartition(" ")[2] for name in DEPLOYING}
    assert by_hand
    assert not by_hand & released


def test_deployed_commit_was_tested() -> None:
    staging, prod = JOBS["pipeline.yml staging"], JOBS["pipeline.yml prod"]
    assert (staging["needs"], prod["needs"]) == ("test", "test")
    assert (staging["environment"], prod["environment"]) == ("staging", "prod")
    assert staging["if"].startswith("github.ref == 'refs/heads/main' && ")
    assert prod["if"].startswith("startsWith(github.ref, 'refs/tags/v') && ")
    assert WORKFLOWS["pipeline.yml"][True] == {
        "push": {"branches": ["**"], "tags": ["v*"]},
        "pull_request": None,
    }
    assert set(WORKFLOWS["rollback.yml"][True]) == {"workflow_dispatch"}
    # Not prod, which takes tags only: a rollback is started from main.
    assert JOBS["rollback.yml prod"]["environment"] == "prod-rollback"
    assert "inputs." not in JOBS["rollback.yml prod"]["steps"][-1]["run"]


def test_without_settings_nothing_is_deployed() -> None:
    for job in DEPLOYING.values():
        assert job["if"].endswith("vars.AWS_REGION != ''")


def test_first_hour_questions_match_smoke() -> None:
    text = (PROJECT / "docs" / "first-hour.md").read_text()
    answered = re.findall(r"^\| .+ \| (.+) \|$", text.partition("## Release")[2], re.MULTILINE)[1:]
    assert len(open_questions()) == answered.count("hand") > 5
    assert set(answered) == {"`make smoke`", "hand"}
