"""A stack that is stuck: the message names the document, and the document has the status."""

import re

import boto3
import pytest

from infra.cloudformation.stack import Stack
from infra.cloudformation.stuck import DOCUMENT, is_stuck
from infra.errors import DeploymentFailed
from tests.clients import as_client, client_error
from tests.infra.cloudformation.test_stack import FakeCloudFormation
from tools.project import PROJECT

_MODEL = boto3.Session().client("cloudformation", region_name="us-east-1").meta.service_model
STATUSES: list[str] = _MODEL.shape_for("StackStatus").enum
STUCK = [each for each in STATUSES if is_stuck(each)]


def test_stacks_at_rest_are_not_stuck() -> None:
    assert {each for each in STATUSES if not is_stuck(each)} == {
        *("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_COMPLETE"),
        *("IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"),
    }


@pytest.mark.parametrize("status", [each for each in STUCK if not each.endswith("_IN_PROGRESS")])
def test_stuck_status_has_a_next_step(status: str) -> None:
    document, _, anchor = DOCUMENT.partition("#")
    text = (PROJECT / document).read_text()
    heading = anchor.replace("-", " ").capitalize()
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert f"`{status}`" in section


@pytest.mark.parametrize("status", ["UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_stuck_after_failure_names_the_document(status: str) -> None:
    client = FakeCloudFormation("UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", status)
    with pytest.raises(DeploymentFailed, match=f"the stack is {status}: see {DOCUMENT}"):
        Stack(as_client(client), "example", lambda _: None).deploy("{}", {})


def test_update_of_stuck_stack_names_the_document() -> None:
    message = "Stack is in UPDATE_ROLLBACK_FAILED state and can not be updated."
    refusal = client_error("ValidationError", message)
    client = FakeCloudFormation("UPDATE_ROLLBACK_FAILED", update_error=refusal)
    with pytest.raises(DeploymentFailed, match=f"{message}.*see {DOCUMENT}"):
        Stack(as_client(client), "example", lambda _: None).deploy("{}", {})


def test_other_failure_names_no_document() -> None:
    client = FakeCloudFormation("UPDATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    with pytest.raises(DeploymentFailed) as failure:
        Stack(as_client(client), "example", lambda _: None).deploy("{}", {})
    assert DOCUMENT not in str(failure.value)
