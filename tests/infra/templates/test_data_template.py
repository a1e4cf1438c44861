"""Requirements of infra/templates/data.yaml whose loss would be noticed too late."""

from typing import Any

import pytest

from chalicelib import auth
from local.sign_in import CALLBACK
from tests.infra.templates.naming import named
from tools.templates import load, on_aws

TEMPLATE = named(load("data.yaml"))
RESOURCES = TEMPLATE["Resources"]


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


def test_data_resources_are_kept() -> None:
    kept = {
        name
        for name, resource in RESOURCES.items()
        if resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain"
    }
    assert kept == {"ItemsTable", "UserPool", "Key", "Vault", "OwnKeyVault"}
    # A policy of one kind alone would be a slip.
    assert {name for name, each in RESOURCES.items() if "DeletionPolicy" in each} == kept
    assert {name for name, each in RESOURCES.items() if "UpdateReplacePolicy" in each} == kept


def test_protection_is_the_default() -> None:
    assert TEMPLATE["Parameters"]["DeletionProtection"]["Default"] == "true"
    assert properties("ItemsTable")["DeletionProtectionEnabled"] == {
        "Fn::If": ["Protected", True, False]
    }
    assert properties("UserPool")["DeletionProtection"] == {
        "Fn::If": ["Protected", "ACTIVE", "INACTIVE"]
    }


DEFAULTS = {
    "Backups": "true",
    "CustomerManagedKey": "false",
    "BillingMode": "PAY_PER_REQUEST",
    "OnDemandLimit": "false",
    "TableInUse": "",
}


def test_each_switch_has_a_safe_default() -> None:
    parameters = TEMPLATE["Parameters"]
    assert {name: parameters[name]["Default"] for name in DEFAULTS} == DEFAULTS
    for name in ("Backups", "CustomerManagedKey", "OnDemandLimit", "DeletionProtection"):
        assert parameters[name]["AllowedValues"] == ["true", "false"]
    assert parameters["BillingMode"]["AllowedValues"] == ["PAY_PER_REQUEST", "PROVISIONED"]


@pytest.mark.parametrize(
    ("condition", "parameter", "value"),
    [
        ("Protected", "DeletionProtection", "true"),
        ("BackedUp", "Backups", "true"),
        ("OwnKey", "CustomerManagedKey", "true"),
        ("Provisioned", "BillingMode", "PROVISIONED"),
    ],
)
def test_a_condition_is_that_of_its_parameter(condition: str, parameter: str, value: str) -> None:
    assert TEMPLATE["Conditions"][condition] == {"Fn::Equals": [{"Ref": parameter}, value]}


def test_conditions_that_are_of_more_than_one() -> None:
    assert TEMPLATE["Conditions"]["Limited"] == {
        "Fn::And": [
            {"Fn::Not": [{"Condition": "Provisioned"}]},
            {"Fn::Equals": [{"Ref": "OnDemandLimit"}, "true"]},
        ]
    }
    assert TEMPLATE["Conditions"]["Restored"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "TableInUse"}, ""]}]
    }


def test_disabled_resources_are_not_created() -> None:
    made: dict[str | None, set[str]] = {}
    for name, resource in RESOURCES.items():
        made.setdefault(resource.get("Condition"), set()).add(name)
    assert made["OwnKey"] == {"Key", "OwnKeyVault"}
    assert made["BackedUp"] == {"BackupPlan", "BackupRole", "BackupSelection"}
    assert made["Provisioned"] == {
        *("TableReads", "TableReadsFollow", "TableWrites", "TableWritesFollow"),
        *("IndexReads", "IndexReadsFollow", "IndexWrites", "IndexWritesFollow"),
    }


def test_sign_in_address_ignores_case() -> None:
    pool = properties("UserPool")
    assert pool["UsernameAttributes"] == ["email"]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}
    assert pool["MfaConfiguration"] == {"Ref": "Mfa"}
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 12


def test_second_factor_can_be_set_up_or_is_off() -> None:
    """Managed login offers to set one up only where it is required."""
    declared = TEMPLATE["Parameters"]["Mfa"]
    assert (declared["AllowedValues"], declared["Default"]) == (["OFF", "ON"], "OFF")
    pool = TEMPLATE["Resources"]["UserPool"]["Properties"]
    assert on_aws(pool, SecondFactor=True)["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert "EnabledMfas" not in on_aws(pool)


def test_mail_uses_the_ses_identity() -> None:
    pool = TEMPLATE["Resources"]["UserPool"]["Properties"]
    assert "EmailConfiguration" not in on_aws(pool)
    assert on_aws(pool, OwnMail=True)["EmailConfiguration"] == {
        "EmailSendingAccount": "DEVELOPER",
        "From": {"Ref": "MailFrom"},
        "SourceArn": {"Ref": "SesIdentityArn"},
    }
    (rule,) = TEMPLATE["Rules"].values()
    assert rule["RuleCondition"] == TEMPLATE["Conditions"]["OwnMail"]


def test_the_scopes_are_those_of_the_routes() -> None:
    server = properties("ResourceServer")
    scopes = [f"{server['Identifier']}/{scope['ScopeName']}" for scope in server["Scopes"]]
    assert scopes == [auth.READ_SCOPE, auth.WRITE_SCOPE]


def test_client_is_public_with_pkce_only() -> None:
    client = properties("CommandLineClient")
    assert client["GenerateSecret"] is False
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["CallbackURLs"] == [CALLBACK]
    assert client["AccessTokenValidity"] <= 15
    assert client["TokenValidityUnits"]["AccessToken"] == "minutes"


def test_function_log_group_expires() -> None:
    assert properties("FunctionLogGroup") == {
        "LogGroupName": {"Fn::Sub": "/aws/lambda/${FunctionName}"},
        "RetentionInDays": {"Ref": "LogRetentionDays"},
    }
    assert TEMPLATE["Parameters"]["LogRetentionDays"]["Default"] == 30


@pytest.mark.parametrize("template", ["data.yaml", "site.yaml"])
def test_app_clients_revoke_tokens_and_hide_users(template: str) -> None:
    clients = [
        each["Properties"]
        for each in load(template)["Resources"].values()
        if each["Type"] == "AWS::Cognito::UserPoolClient"
    ]
    assert clients
    for client in clients:
        assert client["EnableTokenRevocation"] is True
        assert client["PreventUserExistenceErrors"] == "ENABLED"
