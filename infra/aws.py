"""AWS as the deployment sees it: clients, and stacks that may not exist."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import boto3
from botocore.exceptions import ClientError

#: CloudFormation's status of a name without resources, as a change set for a new stack leaves it.
EMPTY = "REVIEW_IN_PROGRESS"
_NO_STACK = "does not exist"


class ClientOf(Protocol):
    """Creates a client of a service, in the developer's own region unless one is named."""

    def __call__(self, service: str, region: str | None = None, /) -> Any: ...


class Capabilities(NamedTuple):
    """What a deployment's target offers. AWS offers everything, an emulator may not.

    `traffic_shifting`: CodeDeploy; `scaling`: SnapStart and provisioned concurrency.
    """

    traffic_shifting: bool = True
    scaling: bool = True


AWS = Capabilities()


def client_of(service: str, region: str | None = None, /) -> Any:
    """Create a client of `service` for the account that the developer is signed in to."""
    return boto3.client(service, region_name=region)


def describe_stack(cloudformation: Any, name: str) -> dict[str, Any] | None:
    """Return CloudFormation's description of a stack by its name or id, None if there is none."""
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if not is_missing_stack(error):
            raise
        return None
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def is_missing_stack(error: ClientError) -> bool:
    """Return whether CloudFormation says that there is no such stack."""
    return _NO_STACK in str(error)


def outputs_of(stack: Mapping[str, Any]) -> dict[str, str]:
    """Return the outputs of a stack's description by their keys."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
