"""`ops doctor`: changes by hand."""

from datetime import timedelta
from typing import Any

import pytest

from tests.integration.ops import page
from tests.integration.ops.case import Case
from tests.integration.ops.conftest import NOW
from tests.integration.ops.doctor.change import stack
from tests.integration.ops.doctor.conftest import Ward
from tests.integration.ops.responses import denied

ILL: dict[str, Case] = {
    "never compared": Case(
        *(stack("api", DriftInformation={"StackDriftStatus": "NOT_CHECKED"}), "note", "drift"),
        "items-dev-api was never compared with its template",
        ".venv/bin/python -m ops doctor --stage dev --drift",
    ),
    "compared long ago": Case(
        stack(
            "api",
            DriftInformation={
                "StackDriftStatus": "IN_SYNC",
                "LastCheckTimestamp": NOW - timedelta(days=31),
            },
        ),
        *("note", "drift", "items-dev-api was last compared", "--drift"),
    ),
    "compared in vain": Case(
        stack(
            "api",
            DriftInformation={"StackDriftStatus": "UNKNOWN", "LastCheckTimestamp": NOW},
        ),
        *("unknown", "drift", "items-dev-api: CloudFormation could not compare a resource", ""),
    ),
}


@pytest.mark.parametrize("case", ILL)
def test_case_has_its_finding(case: str, ward: Ward) -> None:
    ILL[case].assert_found(ward)


def test_drift_names_the_changed_resource(ward: Ward) -> None:
    ward.stacks["api"]["DriftInformation"] = {"StackDriftStatus": "DRIFTED"}
    ward.responses["cloudformation:DescribeStackResourceDrifts"] = {
        "StackResourceDrifts": [
            {
                "StackId": "items-dev-api",
                "LogicalResourceId": "APIHandler",
                "ResourceType": "AWS::Lambda::Function",
                "StackResourceDriftStatus": "MODIFIED",
                "Timestamp": NOW,
            }
        ]
    }
    (finding,) = [finding for finding in ward.findings() if finding["state"] == "bad"]
    assert finding["found"] == "items-dev-api was changed by hand: APIHandler"


PARTS = ("api", "data", "edge", "monitoring")
DETECT = "cloudformation:DetectStackDrift"


def detection(status: str, **more: str) -> dict[str, Any]:
    usual = {"StackId": "1", "StackDriftDetectionId": "1", "Timestamp": NOW}
    return {**usual, "DetectionStatus": status, **more}


@pytest.fixture
def started(ward: Ward) -> list[str]:
    """Return the stacks whose comparison was started. Each comparison ends at the third look."""
    started: list[str] = []
    looks = dict.fromkeys(PARTS, 0)

    def start(StackName: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        part = StackName.removeprefix("items-dev-")
        started.append(part)
        ward.stacks[part]["DriftInformation"] = {"StackDriftStatus": "NOT_CHECKED"}
        return {"StackDriftDetectionId": part}

    def describe(StackDriftDetectionId: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        part = StackDriftDetectionId
        # Each takes a minute, and they run side by side.
        assert sorted(started) == sorted(ward.stacks)
        looks[part] += 1
        if looks[part] < 3:
            return detection("DETECTION_IN_PROGRESS")
        ward.stacks[part]["DriftInformation"] = {
            "StackDriftStatus": "IN_SYNC",
            "LastCheckTimestamp": NOW,
        }
        return detection("DETECTION_COMPLETE", StackDriftStatus="IN_SYNC")

    ward.responses |= {DETECT: start, "cloudformation:DescribeStackDriftDetectionStatus": describe}
    return started


def drift(ward: Ward) -> set[tuple[str, str]]:
    """Return the states and texts that `--drift` finds."""
    findings = ward.findings("--drift")
    return {(drift["state"], drift["found"]) for drift in findings if drift["name"] == "drift"}


def test_drift_is_reported_after_its_detection(ward: Ward, started: list[str]) -> None:
    today = "2026-01-31T09:30:00.000Z"
    assert drift(ward) == {
        ("ok", f"items-dev-{part} was as its template is on {today}") for part in PARTS
    }
    assert sorted(started) == sorted(PARTS)
    assert ward.slept == [5] * 2 * len(PARTS)


def test_detection_needs_the_option(ward: Ward, started: list[str]) -> None:
    ward.run()
    assert started == []


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (
            detection("DETECTION_FAILED", DetectionStatusReason="no access to the topic"),
            "the comparison failed: no access to the topic",
        ),
        (detection("DETECTION_IN_PROGRESS"), "the comparison has not ended"),
    ],
    ids=["failed", "endless"],
)
def test_failed_detection_is_unknown(
    ward: Ward, started: list[str], status: dict[str, Any], message: str
) -> None:
    """The previous result is not reported in its place."""
    ward.stacks = {name: ward.stacks[name] for name in ("data", "api")}
    ward.responses["cloudformation:DescribeStackDriftDetectionStatus"] = status
    findings = drift(ward)
    assert {state for state, _ in findings} == {"unknown"}
    assert {text.partition(": ")[0] for _, text in findings} == {"items-dev-api", "items-dev-data"}
    assert all(message in text for _, text in findings)


def test_denied_detection_is_unknown(ward: Ward, started: list[str]) -> None:
    ward.responses[DETECT] = denied(DETECT)
    assert drift(ward) == {("unknown", f"AWS denies {DETECT}")}


def test_rights_of_the_detection_are_documented(ward: Ward, started: list[str]) -> None:
    ward.run()
    without = set(ward.responses.called)
    ward.run("--drift")
    rights = ward.responses.called - without
    assert len(rights) == 2
    assert {right for right in rights if f"`{right}`" not in page.TEXT} == set()
