"""No way from the deployer's rights to more rights, as far as IAM can say so."""

import re

import pytest

from tests.infra.permissions.iam import allows
from tests.infra.permissions.test_deployer import ALL, BOUNDARY, FUNCTION_ROLE, ROLES


def role_policy(role: str, **context: str) -> bool:
    given = {key.replace("_", ":"): value for key, value in context.items()}
    return allows(ALL, "iam:PutRolePolicy", f"{ROLES}/{role}", given)


def test_no_policy_is_written_for_a_role_without_the_boundary() -> None:
    ours = FUNCTION_ROLE.rpartition("/")[2]
    assert role_policy(ours, iam_PermissionsBoundary=BOUNDARY)
    assert not role_policy(ours)
    assert not role_policy(ours, iam_PermissionsBoundary=f"{BOUNDARY}2")
    for other in ("items-account-DeployRole-1A2B", "administrator", "other-api-Role"):
        assert not role_policy(other, iam_PermissionsBoundary=BOUNDARY)


@pytest.mark.parametrize(
    ("role", "service", "expected"),
    [
        ("items-prod-api-DefaultRole-1A2B", "lambda", True),
        ("items-prod-api-DefaultRole-1A2B", "ec2", False),
        ("items-prod-api-CodeDeployServiceRole-1A2B", "codedeploy", True),
        ("items-prod-api-CodeDeployServiceRole-1A2B", "lambda", False),
        ("items-prod-data-BackupRole-1A2B", "backup", True),
        ("items-prod-data-BackupRole-1A2B", "lambda", False),
        ("items-account-DeployRole-1A2B", "lambda", False),
        ("administrator", "lambda", False),
    ],
)
def test_roles_are_passed_to_their_service_only(role: str, service: str, expected: bool) -> None:
    context = {"iam:PassedToService": f"{service}.amazonaws.com"}
    assert allows(ALL, "iam:PassRole", f"{ROLES}/{role}", context) is expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("service-role/AWSCodeDeployRoleForLambda", True),
        ("AdministratorAccess", False),
        ("service-role/AWSBackupServiceRolePolicyForRestores", False),
    ],
)
def test_one_policy_of_awss_can_be_attached(policy: str, expected: bool) -> None:
    context = {"iam:PolicyARN": f"arn:aws:iam::aws:policy/{policy}"}
    assert allows(ALL, "iam:AttachRolePolicy", FUNCTION_ROLE, context) is expected


def test_nothing_that_makes_people_or_policies_is_allowed() -> None:
    iam = {
        action
        for statement in ALL["Statement"]
        for action in statement["Action"]
        if action.startswith(("iam:", "sts:"))
    }
    assert iam == {
        f"iam:{name}"
        for name in (
            *("AttachRolePolicy", "CreateRole", "CreateServiceLinkedRole", "DeleteRole"),
            *("DeleteRolePolicy", "DetachRolePolicy", "GetRole", "GetRolePolicy"),
            *("ListAttachedRolePolicies", "ListRolePolicies", "PassRole"),
            *("PutRolePermissionsBoundary", "PutRolePolicy", "TagRole", "UntagRole"),
            *("UpdateRole", "UpdateRoleDescription"),
        )
    }


@pytest.mark.parametrize(
    ("application", "expected"), [("items-prod", True), ("payroll-prod", False), (None, False)]
)
@pytest.mark.parametrize("action", ["AdminCreateUser", "AdminSetUserPassword", "AdminDeleteUser"])
def test_users_are_made_in_our_pools_only(
    action: str, application: str | None, expected: bool
) -> None:
    pool = "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/ap-southeast-2_1a2b"
    context = {"aws:ResourceTag/application": application} if application else {}
    assert allows(ALL, f"cognito-idp:{action}", pool, context) is expected


def test_nobody_can_be_looked_up_or_signed_in_as() -> None:
    allowed = {action for statement in ALL["Statement"] for action in statement["Action"]}
    people = re.compile("cognito-idp:(Admin|.*Auth|.*User(?!Pool)|.*Group|.*Device)")
    assert {action for action in allowed if people.match(action)} == {
        f"cognito-idp:Admin{what}" for what in ("CreateUser", "SetUserPassword", "DeleteUser")
    }


def test_the_function_is_called_by_its_alias_only() -> None:
    function = "arn:aws:lambda:ap-southeast-2:123456789012:function:items-prod"
    assert allows(ALL, "lambda:InvokeFunction", f"{function}:live")
    for other in (function, f"{function}:$LATEST", f"{function}:7"):
        assert not allows(ALL, "lambda:InvokeFunction", other)
