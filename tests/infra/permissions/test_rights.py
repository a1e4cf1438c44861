"""The deployer's policies allow all that a release needs, for each resource of its templates.

Neither an emulator nor names of our own are needed for it: resources, names and calls follow from
the templates and the code, permissions from AWS's schemas and documentation. The emulator asks
only who calls it directly: tests/e2e/deployer.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from infra import names
from infra.permissions import deployer
from tests.infra.permissions.arns import ACCOUNT, ARNS, ID
from tests.infra.permissions.calls import Call, calls
from tests.infra.permissions.demands import Demand, demands
from tests.infra.permissions.excuses import EXCUSES, Excuse
from tests.infra.permissions.iam import allows, statements
from tests.infra.permissions.reference import (
    is_arn_of,
    resource_types,
    schemas,
    scoped_to_everything,
)
from tests.infra.permissions.scene import NAMES as TEMPLATE_NAMES
from tests.infra.permissions.scene import REGION, Resource, Scene

Policies = Mapping[str, Any]
Scenes = Callable[..., Scene]

#: The longest names that infra/names.py takes: the application's, and both together.
LONGEST = ("a" * 28, "b" * 4)

NAMES = [
    pytest.param("items", "prod", True, id="items-prod"),
    pytest.param("items", "dev", False, id="items-dev"),  # as the project is configured
    pytest.param("customer-orders", "production", True, id="customer-orders-production"),
    pytest.param(*LONGEST, True, id="longest"),
]

#: The calls that the deployer's policies refuse on purpose.
EXCUSED_CALLS = {
    "cloudformation:DeleteStack": "a person deletes stacks; the release reports the refusal",
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    """`scene(app, stage, is_full)`: a stage as it would be deployed."""

    @cache
    def made(app: str, stage: str, is_full: bool) -> Scene:
        return Scene(app, stage, tmp_path_factory.mktemp(stage), is_full)

    def scene(app: str, stage: str, is_full: bool = True) -> Scene:
        return made(app, stage, is_full)  # one key for one scene

    return scene


def policies(scene: Scene) -> Policies:
    """All statements of the deployer's policies in one."""
    return {"Statement": list(statements(*deployer.policies(scene.place).values()))}


def is_met(demand: Demand, policy: Policies) -> bool:
    return demand.arn is not None and allows(
        policy, demand.action, demand.arn, dict(demand.context)
    )


def missing(scene: Scene, policy: Policies) -> list[str]:
    """What the policy does not allow and no excuse covers."""
    return [
        str(demand)
        for demand in demands(scene.resources)
        if not is_met(demand, policy) and not any(each.excuses(demand) for each in EXCUSES)
    ]


@pytest.mark.parametrize(("app", "stage", "is_full"), NAMES)
def test_every_resource_can_be_deployed(app: str, stage: str, is_full: bool, scene: Scenes) -> None:
    found = scene(app, stage, is_full)
    assert missing(found, policies(found)) == []


@pytest.fixture(scope="module")
def everything(scene: Scenes) -> list[Demand]:
    return list(demands(scene("items", "prod").resources))


def test_every_type_is_here(scene: Scenes) -> None:
    """All that a template can make: none is off because of a condition."""
    types = {each.type for each in scene("items", "prod").resources}
    assert types == set(ARNS)
    assert {each.type for each in scene("items", "dev", False).resources} <= types


@pytest.mark.parametrize("excuse", EXCUSES, ids=lambda excuse: f"{excuse.type} {excuse.actions}")
def test_excuse_is_needed(excuse: Excuse, scene: Scenes, everything: list[Demand]) -> None:
    """An excuse may outlive its permission in the schema, but not its type or its need."""
    assert excuse.reason
    assert excuse.type in ARNS, "no template has it"
    assert not excuse.unless or excuse.unless.partition(".")[0] in schemas()[excuse.type].properties
    policy = policies(scene("items", "prod"))
    covered = [each for each in everything if excuse.covers(each)]
    assert not covered or not all(is_met(each, policy) for each in covered), "it is allowed"


def test_excuse_ends_with_its_property(scene: Scenes) -> None:
    found = scene("items", "prod")
    (function,) = [each for each in found.resources if each.type == "AWS::Lambda::Function"]
    in_a_vpc = Resource(
        **{**vars(function), "properties": {**function.properties, "VpcConfig": {}}}
    )
    policy = policies(found)
    unmet = [
        each.action
        for each in demands([in_a_vpc])
        if not is_met(each, policy) and not any(excuse.excuses(each) for excuse in EXCUSES)
    ]
    assert "ec2:DescribeSubnets" in unmet


def test_arns_are_written_as_in_the_reference(everything: list[Demand]) -> None:
    checked = 0
    for demand in everything:
        service = demand.action.partition(":")[0]
        types = resource_types(demand.action) or frozenset()
        if demand.arn not in (None, "*"):
            assert any(is_arn_of(str(demand.arn), service, each) for each in types), demand
            checked += 1
    assert checked > 300


def test_api_documentation_that_wants_everything_is_read() -> None:
    assert scoped_to_everything("cloudwatch") >= {
        "cloudwatch:PutCompositeAlarm",
        "cloudwatch:DescribeAlarms",
    }


def test_longest_names_fit(scene: Scenes) -> None:
    """The limits of infra/names.py are those of the templates, to the character."""
    app, stage = LONGEST
    found = {each.logical_id: each.name for each in scene(app, stage).resources if each.name}
    for resource in scene(app, stage).resources:
        if resource.name:
            assert len(resource.name) <= TEMPLATE_NAMES[resource.type][1], resource
    vault, bucket, domain = (limit.form.format(app=app, stage=stage) for limit in names.STAGE)
    assert found["Vault"] == vault
    assert len(found["Vault"]) == TEMPLATE_NAMES["AWS::Backup::BackupVault"][1]
    assert found["LoginDomain"] == domain
    # The ends are random.
    assert found["Bucket"].rpartition("-")[0] == bucket.rpartition("-")[0]
    (role,) = (limit.form.format(app=app) for limit in names.APPLICATION)
    assert len(found["CodeDeployServiceRole"]) == len(role) == 64
    assert found["CodeDeployServiceRole"].rpartition("-")[0] == role.rpartition("-")[0]
    assert names.problems(app, stage) == []
    assert names.problems(app, stage + "b")
    assert names.problems(app + "a", stage[:-1])


def called_on(scene: Scene, call: Call, action: str) -> Iterator[tuple[str, dict[str, str]]]:
    """What a call of the release is on, with the condition keys of the request."""
    types = resource_types(action)
    assert types is not None, f"{action} is not an action of IAM's: see calls.py"
    if not types:
        yield "*", {}
    elif call.service == "cloudformation":
        yield from ((stack.arn, {}) for stack in scene.stacks)
    elif call.service == "s3" and not call.module.startswith("infra.site"):
        yield f"{scene.place.artefacts}/{scene.function_name}/{ID}.zip", {}
    else:
        # Only the alias is ever invoked.
        wanted = {"function alias"} if action == "lambda:InvokeFunction" else types
        for resource in scene.resources:
            tag = resource.tag("application")
            context = {"aws:ResourceTag/application": tag} if tag else {}
            is_own = resource.type.startswith(("AWS::S3::", "AWS::Cognito::UserPool"))
            if call.service in ("s3", "cognito-idp") and not is_own:
                continue
            if call.service == "cognito-idp" and resource.type != "AWS::Cognito::UserPool":
                continue
            yield from ((arn, context) for name, arn in resource.arns().items() if name in wanted)


@pytest.mark.parametrize(("app", "stage", "is_full"), NAMES)
def test_every_call_of_a_release_is_allowed(
    app: str, stage: str, is_full: bool, scene: Scenes
) -> None:
    found = scene(app, stage, is_full)
    policy = policies(found)
    refused = set()
    for call in sorted(calls()):
        for action in call.actions():
            targets = list(called_on(found, call, action))
            assert targets, f"nothing that {call} could be on"
            refused |= {
                action for arn, context in targets if not allows(policy, action, arn, context)
            }
    assert refused == set(EXCUSED_CALLS)


@pytest.mark.parametrize(("app", "stage", "is_full"), NAMES)
def test_the_account_and_sams_transform_can_be_used(
    app: str, stage: str, is_full: bool, scene: Scenes
) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html"""
    policy = policies(scene(app, stage, is_full))
    account = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{app}-account/{ID}"
    transform = f"arn:aws:cloudformation:{REGION}:aws:transform/Serverless-2016-10-31"
    assert allows(policy, "cloudformation:DescribeStacks", account)
    assert not allows(policy, "cloudformation:UpdateStack", account)
    assert allows(policy, "cloudformation:CreateChangeSet", transform)


def test_aws_takes_each_policy(scene: Scenes) -> None:
    """A role takes ten, of 6,144 characters each: IAM's quotas."""
    for app, stage in (("items", "prod"), LONGEST):
        found = deployer.policies(scene(app, stage).place)
        assert len(found) <= 10
        for policy in found.values():
            assert len(json.dumps(policy, separators=(",", ":"))) <= 6144


#: Allowed although neither a schema nor the code needs it.
UNLISTED = {
    # A person's, with the deployer's rights, when a release hangs.
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    # For stacks with tags, which CloudFormation hands on.
    "cloudformation:TagResource",
    "cloudformation:UntagResource",
    "lambda:ListTags",
    # The local cloud demands it for GetAlias.
    "lambda:ListAliases",
    # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-CWL.html
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:UpdateLogDelivery",
}


def test_nothing_more_is_allowed(everything: list[Demand], scene: Scenes) -> None:
    policy = policies(scene("items", "prod"))
    allowed = {action for each in policy["Statement"] for action in each["Action"]}
    needed = {each.action for each in everything if each.arn}
    needed |= {action for call in calls() for action in call.actions()}
    assert allowed - needed == UNLISTED


def put_back(policy: Policies, action: str, change: Callable[[dict[str, Any]], None]) -> Policies:
    """The policy with a change in those of its statements that allow the action."""
    copy: dict[str, Any] = json.loads(json.dumps(policy))
    changed = [each for each in copy["Statement"] if action in each["Action"]]
    assert changed
    for each in changed:
        change(each)
    return copy


def _default_role(statement: dict[str, Any]) -> None:
    statement["Resource"] = [
        each.replace("ApiHandlerRole", "api-DefaultRole") for each in statement["Resource"]
    ]


def _named_alarms(statement: dict[str, Any]) -> None:
    statement["Resource"] = [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"]


def _without_the_gateway(statement: dict[str, Any]) -> None:
    statement["Condition"]["StringEquals"]["iam:AWSServiceName"].remove(
        "ops.apigateway.amazonaws.com"
    )


def _by_stack(statement: dict[str, Any]) -> None:
    statement["Resource"] = [
        each.replace("-*-CodeDeploy", "-*-api-CodeDeploy") for each in statement["Resource"]
    ]


@pytest.mark.parametrize(
    ("action", "change", "seen"),
    [
        ("iam:PassRole", _default_role, "(AWS::Lambda::Function): iam:PassRole on"),
        (
            "cloudwatch:PutCompositeAlarm",
            _named_alarms,
            "(AWS::CloudWatch::CompositeAlarm): cloudwatch:PutCompositeAlarm on *",
        ),
        (
            "cloudwatch:DescribeAlarms",
            _named_alarms,
            "(AWS::CloudWatch::CompositeAlarm): cloudwatch:DescribeAlarms on *",
        ),
        (
            "iam:CreateServiceLinkedRole",
            _without_the_gateway,
            "(AWS::ApiGateway::Stage): iam:CreateServiceLinkedRole on",
        ),
        ("iam:CreateRole", _by_stack, "CodeDeployServiceRole (AWS::IAM::Role): iam:CreateRole on"),
    ],
)
def test_fault_that_is_put_back_is_seen(
    action: str, change: Callable[[dict[str, Any]], None], seen: str, scene: Scenes
) -> None:
    found = scene("customer-orders", "production")
    faulty = put_back(policies(found), action, change)
    assert [each for each in missing(found, faulty) if seen in each]
