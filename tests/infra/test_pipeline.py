"""What must hold of .github/workflows, because whoever gets hold of a job gets its rights."""

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

#: Being made at the same time as these.
TARGETS = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
KNOWN_ACTIONS = {
    "actions/checkout",
    "actions/setup-node",
    "actions/setup-python",
    "aws-actions/configure-aws-credentials",
}


def steps(key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The steps that have this key, and whose they are."""
    for name, job in JOBS.items():
        yield from ((name, step) for step in job["steps"] if key in step)


def test_there_is_a_job_for_each_purpose() -> None:
    assert set(JOBS) == {
        "audit.yml audit",
        "pipeline.yml test",
        "pipeline.yml dev",
        "pipeline.yml prod",
        "rollback.yml prod",
    }
    assert set(DEPLOYING) == set(JOBS) - {"audit.yml audit", "pipeline.yml test"}


def test_each_action_is_pinned_by_digest_with_its_version_beside_it() -> None:
    lines = [line for text in TEXTS.values() for line in text.splitlines() if "uses:" in line]
    assert len(lines) == len(list(steps("uses"))) > 0
    pinned = re.compile(r"\s+- uses: ([a-z-]+/[a-z-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    found = [pinned.fullmatch(line) for line in lines]
    assert None not in found
    assert {match[1] for match in found if match} == KNOWN_ACTIONS
    # One version of each everywhere.
    assert len({line.strip() for line in lines}) == len(KNOWN_ACTIONS)


@pytest.mark.parametrize("name", TEXTS)
def test_no_key_is_stored(name: str) -> None:
    assert "secrets." not in TEXTS[name]
    assert not re.search(r"aws-(secret-)?access-key|AWS_(SECRET_)?ACCESS_KEY|AKIA", TEXTS[name])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_by_default_a_job_may_only_read_the_repository(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {"contents": "read"}
    # It would give a stranger's pull request the rights of the repository.
    assert "pull_request_target" not in WORKFLOWS[name][True]
    assert "workflow_run" not in WORKFLOWS[name][True]


@pytest.mark.parametrize("name", JOBS)
def test_only_what_deploys_gets_a_token(name: str) -> None:
    expected = {"contents": "read", "id-token": "write"} if name in DEPLOYING else None
    assert JOBS[name].get("permissions") == expected
    credentials = [s for s in JOBS[name]["steps"] if "configure-aws" in s.get("uses", "")]
    assert len(credentials) == (1 if name in DEPLOYING else 0)


def test_the_checkout_leaves_no_token_behind() -> None:
    for _, step in steps("uses"):
        if "actions/checkout" in step["uses"]:
            assert step["with"] == {"persist-credentials": False}


def test_what_is_run_is_a_make_target_with_nothing_put_in_by_others() -> None:
    run = [(name, step["run"]) for name, step in steps("run")]
    assert sorted(run) == [
        ("audit.yml audit", "make audit"),
        ("pipeline.yml dev", "make release STAGE=dev"),
        ("pipeline.yml dev", "make smoke STAGE=dev"),
        ("pipeline.yml prod", "make release STAGE=prod"),
        ("pipeline.yml prod", "make smoke STAGE=prod"),
        ("pipeline.yml test", "make test"),
        ("rollback.yml prod", "make rollback STAGE=prod"),
    ]
    assert {command.split()[1] for _, command in run} <= TARGETS
    assert not any("${{" in command for _, command in run)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_what_was_released_is_checked_where_it_is(stage: str) -> None:
    last = [step.get("run") for step in JOBS[f"pipeline.yml {stage}"]["steps"]][-2:]
    assert last == [f"make release STAGE={stage}", f"make smoke STAGE={stage}"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_only_the_repositorys_own_settings_are_put_anywhere(text: str) -> None:
    put = set(re.findall(r"\$\{\{\s*(.*?)\s*\}\}", text))
    assert put <= {
        "vars.AWS_REGION",
        "vars.AWS_ROLE_ARN",
        "github.ref",
        "github.ref_type == 'branch' && github.ref_name != 'main'",
    }


@pytest.mark.parametrize("name", JOBS)
def test_each_job_ends_and_none_is_in_anothers_way(name: str) -> None:
    job = JOBS[name]
    assert 0 < job["timeout-minutes"] <= 60
    assert job["runs-on"] == "ubuntu-24.04"
    assert job["concurrency"]["group"]
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
