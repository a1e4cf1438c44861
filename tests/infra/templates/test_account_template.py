"""Requirements of account.yaml, with the additions of infra/stacks/account.py."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.config import app_name
from infra.permissions import deployer
from infra.stacks import account
from tests.infra.permissions import test_deployer

PLACE = replace(test_deployer.PLACE, name=app_name())
TEMPLATE: dict[str, Any] = json.loads(account.template())
RESOURCES, PARAMETERS = TEMPLATE["Resources"], TEMPLATE["Parameters"]
#: The values of the template's references.
REFERENCES = {
    "AWS::Partition": PLACE.partition,
    "AWS::Region": PLACE.region,
    "AWS::AccountId": PLACE.account,
    "Artefacts.Arn": PLACE.artefacts,
    "Boundary": PLACE.boundary,
    "HostedZoneId": PLACE.zone,
}


def resolved(part: Any) -> Any:
    """As CloudFormation would have it, with the place's values."""
    if isinstance(part, dict) and part.keys() == {"Fn::Sub"}:
        return re.sub(r"\$\{([^}]+)\}", lambda match: REFERENCES[match[1]], part["Fn::Sub"])
    if isinstance(part, dict):
        return {key: resolved(value) for key, value in part.items()}
    return [resolved(value) for value in part] if isinstance(part, list) else part


def test_the_policies_are_those_of_the_code() -> None:
    found = {
        name.removeprefix("Deployer"): resolved(resource["Properties"]["PolicyDocument"])
        for name, resource in RESOURCES.items()
        if resource["Type"] == "AWS::IAM::ManagedPolicy" and name != "Boundary"
    }
    assert found == deployer.policies(PLACE)
    limit = resolved(RESOURCES["Boundary"]["Properties"]["PolicyDocument"])
    assert limit == deployer.boundary(PLACE)


def test_pipeline_role_has_exactly_the_policies() -> None:
    for name in deployer.policies(PLACE):
        roles = RESOURCES[f"Deployer{name}"]["Properties"]["Roles"]
        assert roles == {"Fn::If": ["Pipeline", [{"Ref": "DeployRole"}], {"Ref": "AWS::NoValue"}]}
    assert {"Policies", "ManagedPolicyArns"} & set(RESOURCES["DeployRole"]["Properties"]) == set()
    assert RESOURCES["DeployerNames"]["Condition"] == "OwnZone"


def test_without_subjects_there_is_no_role() -> None:
    assert PARAMETERS["Subjects"]["Default"] == ""
    assert RESOURCES["DeployRole"]["Condition"] == "Pipeline"
    assert RESOURCES["IdentityProvider"]["Condition"] == "OwnProvider"
    assert "DeployRoleArn" in TEMPLATE["Outputs"]
    assert TEMPLATE["Outputs"]["DeployRoleArn"]["Condition"] == "Pipeline"


def test_the_role_trusts_exact_subjects() -> None:
    (statement,) = RESOURCES["DeployRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    issuer = "token.actions.githubusercontent.com"
    assert statement["Condition"] == {
        "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": {"Ref": "Subjects"}}
    }
    assert RESOURCES["IdentityProvider"]["Properties"] == {
        "Url": f"https://{issuer}",
        "ClientIdList": ["sts.amazonaws.com"],
    }


@pytest.mark.parametrize(
    ("subject", "accepted"),
    [
        ("", True),
        ("repo:owner/items:environment:prod", True),
        ("repo:owner@123456/items@456789:environment:prod", True),
        ("repo:owner@123456/items@456789:ref:refs/tags/v1.0.0", True),
        ("repo:owner@123456/items:environment:prod", False),
        ("repo:owner/items@456789:environment:prod", False),
        ("repo:owner@123456/items@*:environment:prod", False),
        ("repo:owner@123456/items@456789@1:environment:prod", False),
        ("repo:owner/items:ref:refs/heads/main", True),
        ("repo:owner/items:ref:refs/tags/v1.0.0", True),
        ("repo:owner/items:pull_request", False),
        ("repo:owner/items:*", False),
        ("repo:owner/*:environment:prod", False),
        ("repo:*:environment:prod", False),
        ("repo:owner/items:ref:refs/tags/v*", False),
        ("repo:owner/items:environment:prod:more", False),
    ],
)
def test_subject_pattern(subject: str, accepted: bool) -> None:
    pattern = PARAMETERS["Subjects"]["AllowedPattern"]
    assert (re.fullmatch(pattern, subject) is not None) is accepted


@pytest.mark.parametrize("repository", ["owner@123456/items@456789", "owner/items"])
def test_trust_policy_has_githubs_subjects(repository: str) -> None:
    """https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims"""
    given = account.subjects(repository, ["dev", "prod"]).split(",")
    assert all(re.fullmatch(PARAMETERS["Subjects"]["AllowedPattern"], each) for each in given)
    (statement,) = RESOURCES["DeployRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    subjects = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    # The condition takes a list, because the parameter is a list. One match is enough.
    assert (subjects, PARAMETERS["Subjects"]["Type"]) == ({"Ref": "Subjects"}, "CommaDelimitedList")
    assert given == [f"repo:{repository}:environment:{each}" for each in ("dev", "prod")]


def test_package_bucket_is_private_and_encrypted() -> None:
    bucket = RESOURCES["Artefacts"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == {"Ref": "KeepPackagesDays"}
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] >= 1
    (statement,) = RESOURCES["ArtefactsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    "name", ["Artefacts", "ArtefactsPolicy", "IdentityProvider", "GatewayRole", "GatewayAccount"]
)
def test_shared_resources_are_retained(name: str) -> None:
    assert RESOURCES[name]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert RESOURCES[name]["UpdateReplacePolicy"] == "Retain"


def test_the_gateway_may_write_logs() -> None:
    role = RESOURCES["GatewayRole"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    (policy,) = role["ManagedPolicyArns"]
    assert policy["Fn::Sub"].endswith("service-role/AmazonAPIGatewayPushToCloudWatchLogs")
    assert RESOURCES["GatewayAccount"]["Properties"]["CloudWatchRoleArn"] == {
        "Fn::GetAtt": ["GatewayRole", "Arn"]
    }


def test_parameters_have_description_and_default() -> None:
    for parameter in PARAMETERS.values():
        assert parameter["Description"]
        assert "Default" in parameter
