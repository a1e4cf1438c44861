"""cfn-lint reads the policies that the code writes, as resources of a template.

In the real templates, it cannot: it looks into no policy of a SAM template (W3037), and at no
resource that has a reference in it (I3510, which is off by default).
"""

import json
from collections.abc import Mapping
from typing import Any

import cfnlint.api
from cfnlint.config import ManualArgs

from infra.function.policy import function_policy
from infra.permissions import deployer
from infra.permissions.terms import Place
from tests.integration.ops import page

ACCOUNT = "ap-southeast-2:123456789012"
TABLE = f"arn:aws:dynamodb:{ACCOUNT}:table/items-prod-data-ItemsTable-1A2B"
PLACE = Place(
    partition="aws",
    region="ap-southeast-2",
    account="123456789012",
    name="items",
    artefacts="arn:aws:s3:::items-account-artefacts-1a2b3c4d5e6f7",
    boundary="arn:aws:iam::123456789012:policy/items-account-Boundary-1A2B3C4D5E6F",
    zone="Z0123456789ABCDEFGHIJ",
)
POLICIES: dict[str, Any] = {
    **deployer.policies(PLACE),
    "Boundary": deployer.boundary(PLACE),
    "Function": function_policy(
        TABLE, "items-prod", also=[f"{TABLE}2"], key_arn=f"arn:aws:kms:{ACCOUNT}:key/1-2-3"
    ),
    "OnCall": {
        "Version": "2012-10-17",
        "Statement": [page.statement(command) for command in ("doctor", "account")],
    },
}
#: cfn-lint's only resource of CreateChangeSet is the stack, but SAM's transform is one too:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
MISTAKEN = "action 'cloudformation:CreateChangeSet' requires a resource of "


#: A statement without a mistake, and mistakes in it by the rule that finds them.
STATEMENT = {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [TABLE]}
MISTAKES: dict[str, tuple[str, dict[str, Any]]] = {
    "ActionUnknown": ("W3037", {"Action": ["dynamodb:GetItems"]}),
    "ServiceUnknown": ("W3037", {"Action": ["dynamo:GetItem"]}),
    "ResourceOfAnotherService": ("I3510", {"Resource": ["arn:aws:s3:::items-prod-site-bucket"]}),
    "ActionOfAnotherService": ("I3510", {"Action": ["logs:PutLogEvents"]}),
    "ResourceWithoutArn": ("E3510", {"Resource": ["items-prod"]}),
    "EffectUnknown": ("E3510", {"Effect": "Permit"}),
    "OperatorUnknown": ("E3510", {"Condition": {"StringEqual": {"aws:RequestedRegion": "a"}}}),
}


def findings(policies: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return cfn-lint's findings, except the one above: a policy's name and a rule's id each."""
    resources = {
        name: {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}}
        for name, policy in policies.items()
    }
    template = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources})
    config = ManualArgs(regions=["us-east-1"], include_checks=["I3510"])
    return {
        (str(match.path[1]), match.rule.id)
        for match in cfnlint.api.lint(template, config=config)
        if not match.message.startswith(MISTAKEN)
    }


def test_policies_have_no_findings() -> None:
    assert findings(POLICIES) == set()


def test_each_mistake_is_found() -> None:
    policy = POLICIES["Function"]
    wrong = {
        name: {**policy, "Statement": [*policy["Statement"], {**STATEMENT, **mistake}]}
        for name, (_, mistake) in MISTAKES.items()
    }
    wrong["Correct"] = {**policy, "Statement": [*policy["Statement"], STATEMENT]}
    found = findings(wrong)
    assert {(name, rule) for name, (rule, _) in MISTAKES.items()} <= found
    assert {name for name, _ in found} == set(MISTAKES)
