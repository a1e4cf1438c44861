"""The statements of the deployer's policies and of the boundary, one by one.

Whether they are enough is test_rights.py's.
"""

import json
from typing import Any

import cfnlint.api
import pytest
from cfnlint.config import ManualArgs

from infra.function.policy import function_policy
from infra.permissions import deployer
from infra.permissions.terms import Place
from tests.infra.permissions.arns import ACCOUNT
from tests.infra.permissions.iam import allows, statements
from tests.infra.permissions.physical import physical_name
from tests.infra.permissions.reference import resource_types, scoped_to_everything
from tests.infra.permissions.scene import REGION
from tools.templates import load, on_aws

ROLES = f"arn:aws:iam::{ACCOUNT}:role"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/{physical_name('items-account', 'Boundary', 128)}"
PLACE = Place(
    partition="aws",
    region=REGION,
    account=ACCOUNT,
    name="items",
    artefacts="arn:aws:s3:::items-account-artefacts-1a2b3c4d5e6f7",
    boundary=BOUNDARY,
    zone="Z0123456789ABCDEFGHIJ",
)
POLICIES = deployer.policies(PLACE)
ALL = {"Statement": list(statements(*POLICIES.values()))}
LIMIT = deployer.boundary(PLACE)

TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/items-prod-data-ItemsTable-1A2B"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:items-prod"


def test_statements_name_resources_if_possible() -> None:
    everywhere = set()
    for statement in ALL["Statement"]:
        for action in statement["Action"]:
            assert "*" not in action
            types = resource_types(action)
            assert types is not None, f"AWS has no {action}"
            if statement["Resource"] == ["*"]:
                everywhere |= {action} if types else set()
            else:
                assert types, f"{action} takes * only, so this never holds"
                assert "*" not in statement["Resource"]
    assert everywhere - scoped_to_everything("cloudwatch") == {
        "cloudformation:GetTemplateSummary",  # of a template that is no stack's yet
        "cloudwatch:GetMetricData",  # AWS's own metrics are no resources
    }


def test_resources_are_of_the_actions_kind() -> None:
    """By cfn-lint's own rule, which the account's template is too full of references for."""

    def found(policies: dict[str, Any]) -> list[str]:
        resources = {
            name: {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
            for name, policy in policies.items()
        }
        arguments = ManualArgs(regions=["us-east-1"], include_checks=["I3510"])
        matches = cfnlint.api.lint(json.dumps({"Resources": resources}), config=arguments)
        return [match.message for match in matches]

    (transform,) = found(POLICIES | {"Boundary": LIMIT})
    # On SAM's transform, which the reference leaves out:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
    assert "cloudformation:CreateChangeSet" in transform
    alarms = {"Effect": "Allow", "Action": "cloudwatch:DeleteAlarms", "Resource": TABLE}
    wrong = {"Version": "2012-10-17", "Statement": [alarms]}
    assert "cloudwatch:DeleteAlarms" in found({"Wrong": wrong})[0]


@pytest.mark.parametrize(
    ("resource", "tags"), [("UserPool", "UserPoolTags"), ("Key", "Tags")], ids=["pool", "key"]
)
def test_resource_has_the_tag_of_the_policies(resource: str, tags: str) -> None:
    found = load("data.yaml")["Resources"][resource]["Properties"][tags]
    application = {"Ref": "FunctionName"}
    assert found in (
        {"application": application},
        [{"Key": "application", "Value": application}],
    )


@pytest.mark.parametrize("key", [None, f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1-2-3"])
def test_boundary_has_what_the_function_needs(key: str | None) -> None:
    context = {
        "lambda:SourceFunctionArn": FUNCTION,
        "kms:ViaService": f"dynamodb.{REGION}.amazonaws.com",
    }
    for statement in statements(function_policy(TABLE, "items-prod", key_arn=key)):
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                assert allows(LIMIT, action, resource, context), (action, resource)


def test_boundary_has_what_backups_need() -> None:
    """AWS Backup assumes the role itself, so no function is in the context of its requests."""
    role = on_aws(load("data.yaml"), OwnKey=True)["Resources"]["BackupRole"]["Properties"]
    (policy,) = role["Policies"]
    actions = {
        action for each in policy["PolicyDocument"]["Statement"] for action in each["Action"]
    }
    arns = {
        "dynamodb": TABLE,
        "backup": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:items-prod-1a2b-own-key",
        "kms": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1-2-3",
    }
    assert {action.partition(":")[0] for action in actions} == set(arns)
    for service in ("dynamodb", "backup"):
        context = {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}
        for action in actions:
            assert allows(LIMIT, action, arns[action.partition(":")[0]], context), action
