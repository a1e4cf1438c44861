"""No way from the deployer's rights to more rights, as far as IAM can say so."""

import re

import pytest

from infra.permissions import roles
from tests.infra.permissions.iam import allows
from tests.infra.permissions.physical import physical_name
from tests.infra.permissions.test_deployer import (
    ALL,
    BOUNDARY,
    FUNCTION,
    LIMIT,
    PLACE,
    ROLES,
    TABLE,
)

#: The roles of a stage, by logical id. test_rights.py has them from the templates.
OURS = {
    logical_id: f"{ROLES}/{physical_name(f'items-prod-{part}', logical_id, 64)}"
    for part, logical_id in (
        ("api", "ApiHandlerRole"),
        ("api", "CodeDeployServiceRole"),
        ("data", "BackupRole"),
    )
}
FUNCTION_ROLE = OURS["ApiHandlerRole"]
#: Roles of the account's stack, and of others.
OTHERS = [
    f"{ROLES}/{physical_name('items-account', 'DeployRole', 64)}",
    f"{ROLES}/{physical_name('items-account', 'GatewayRole', 64)}",
    f"{ROLES}/administrator",
    f"{ROLES}/other-prod-api-ApiHandlerRole-1A2B",
]


def may_write_policy(role: str, boundary: str | None) -> bool:
    context = {"iam:PermissionsBoundary": boundary} if boundary else {}
    return allows(ALL, "iam:PutRolePolicy", role, context)


def test_role_policy_requires_the_boundary() -> None:
    assert may_write_policy(FUNCTION_ROLE, BOUNDARY)
    assert not may_write_policy(FUNCTION_ROLE, None)
    assert not may_write_policy(FUNCTION_ROLE, f"{BOUNDARY}2")
    # Roles that SAM creates without a boundary get no policy of ours.
    for other in (*OTHERS, OURS["CodeDeployServiceRole"]):
        assert not may_write_policy(other, BOUNDARY)


@pytest.mark.parametrize("action", ["CreateRole", "DeleteRole", "PutRolePermissionsBoundary"])
@pytest.mark.parametrize("role", OTHERS)
def test_roles_of_others_are_not_changed(action: str, role: str) -> None:
    assert not allows(ALL, f"iam:{action}", role, {"iam:PermissionsBoundary": BOUNDARY})


@pytest.mark.parametrize("logical_id", OURS)
def test_roles_are_passed_to_their_service_only(logical_id: str) -> None:
    for service in {*roles.SERVICES.values(), "ec2"}:
        context = {"iam:PassedToService": f"{service}.amazonaws.com"}
        expected = service == roles.SERVICES[logical_id]
        assert allows(ALL, "iam:PassRole", OURS[logical_id], context) is expected
        for other in OTHERS:
            assert not allows(ALL, "iam:PassRole", other, context)


@pytest.mark.parametrize("action", ["GetItem", "UpdateItem", "DeleteItem", "Query"])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (FUNCTION, True),
        (f"{FUNCTION}:live", True),
        (FUNCTION.replace("items-prod", "payroll-prod"), False),
        (None, False),  # other principals may assume the role while it exists
    ],
)
def test_items_are_read_from_the_function_only(
    action: str, source: str | None, expected: bool
) -> None:
    context = {"lambda:SourceFunctionArn": source} if source else {}
    assert allows(LIMIT, f"dynamodb:{action}", TABLE, context) is expected


@pytest.mark.parametrize("action", ["Decrypt", "GenerateDataKey", "CreateGrant"])
def test_keys_are_used_through_services_only(action: str) -> None:
    key = f"arn:aws:kms:{PLACE.region}:{PLACE.account}:key/1-2-3"
    for service, expected in (("dynamodb", True), ("backup", True), ("s3", False)):
        context = {"kms:ViaService": f"{service}.{PLACE.region}.amazonaws.com"}
        assert allows(LIMIT, f"kms:{action}", key, context) is expected
    assert not allows(LIMIT, f"kms:{action}", key)


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
    assert allows(ALL, "iam:AttachRolePolicy", OURS["CodeDeployServiceRole"], context) is expected
    assert not allows(ALL, "iam:AttachRolePolicy", FUNCTION_ROLE, context)


def test_users_and_policies_cannot_be_created() -> None:
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


def test_user_lookup_and_sign_in_are_denied() -> None:
    allowed = {action for statement in ALL["Statement"] for action in statement["Action"]}
    people = re.compile("cognito-idp:(Admin|.*Auth|.*User(?!Pool)|.*Group|.*Device)")
    assert {action for action in allowed if people.match(action)} == {
        f"cognito-idp:Admin{what}" for what in ("CreateUser", "SetUserPassword", "DeleteUser")
    }


def test_the_function_is_called_by_its_alias_only() -> None:
    assert allows(ALL, "lambda:InvokeFunction", f"{FUNCTION}:live")
    for other in (FUNCTION, f"{FUNCTION}:$LATEST", f"{FUNCTION}:7"):
        assert not allows(ALL, "lambda:InvokeFunction", other)
