"""What must hold of infra/data.yaml, because losing it would be found out too late."""

from typing import Any

import pytest

from chalicelib import auth, items
from chalicelib.table import INDEX
from infra.stage import PROJECT
from local.sign_in import CALLBACK
from tests.templates import load

TEMPLATE = load("data.yaml")
RESOURCES = TEMPLATE["Resources"]


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


@pytest.mark.parametrize("name", ["ItemsTable", "UserPool"])
def test_what_holds_data_is_kept(name: str) -> None:
    assert RESOURCES[name]["DeletionPolicy"] == "Retain"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_protection_is_the_default() -> None:
    assert TEMPLATE["Parameters"]["DeletionProtection"]["Default"] == "true"
    assert properties("ItemsTable")["DeletionProtectionEnabled"] == {
        "Fn::If": ["Protected", True, False]
    }
    assert properties("UserPool")["DeletionProtection"] == {
        "Fn::If": ["Protected", "ACTIVE", "INACTIVE"]
    }


def test_the_table_is_on_demand_backed_up_and_encrypted() -> None:
    table = properties("ItemsTable")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_the_index_projects_just_the_summary() -> None:
    (index,) = properties("ItemsTable")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == INDEX
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    assert keys == ["owner", "created_at"]
    projected = set(index["Projection"]["NonKeyAttributes"]) | {"id", "created_at"}
    assert projected == set(items.ItemSummary.__struct_fields__)


def test_people_sign_in_with_their_address_whatever_its_case() -> None:
    pool = properties("UserPool")
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert pool["MfaConfiguration"] == "OPTIONAL"
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12


def test_the_scopes_are_those_of_the_routes() -> None:
    server = properties("ResourceServer")
    scopes = [f"{server['Identifier']}/{scope['ScopeName']}" for scope in server["Scopes"]]
    assert scopes == [auth.READ_SCOPE, auth.WRITE_SCOPE]


def test_the_client_is_public_and_does_code_with_pkce_only() -> None:
    client = properties("CommandLineClient")
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["CallbackURLs"] == [CALLBACK]
    assert client["AccessTokenValidity"] <= 15
    assert client["TokenValidityUnits"]["AccessToken"] == "minutes"


def test_the_log_group_is_the_functions_and_expires() -> None:
    assert properties("FunctionLogGroup") == {
        "LogGroupName": {"Fn::Sub": "/aws/lambda/${FunctionName}"},
        "RetentionInDays": {"Ref": "LogRetentionDays"},
    }
    assert TEMPLATE["Parameters"]["LogRetentionDays"]["Default"] == 30


def test_every_parameter_is_explained() -> None:
    settings = (PROJECT / "docs" / "settings.md").read_text()
    for name, parameter in TEMPLATE["Parameters"].items():
        assert parameter["Description"]
        assert f"`{name}`" in settings
