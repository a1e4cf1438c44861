"""The deployer's policies against the calls that CloudFormation makes with their rights.

cfn-lint knows the calls; test_lint.py has the checks that it makes itself. An update of cfn-lint
that lists more calls fails no test here.

The local cloud's CloudFormation asks nobody; tests/e2e/deployer has what is called directly.
"""

import json
from functools import cache

import pytest

from infra.function.policy import function_policy
from infra.permissions import deployer
from infra.permissions.terms import Place
from tests.infra.permissions.iam import allows, handlers, statements, takes_resources
from tests.templates import load
from tools.project import PROJECT

ACCOUNT = "ap-southeast-2:123456789012"
ROLES = "arn:aws:iam::123456789012:role"
FUNCTION_ROLE = f"{ROLES}/items-prod-api-DefaultRole-1A2B3C4D5E6F"
BOUNDARY = "arn:aws:iam::123456789012:policy/items-account-Boundary-1A2B3C4D5E6F"
PLACE = Place(
    partition="aws",
    region="ap-southeast-2",
    account="123456789012",
    name="items",
    artefacts="arn:aws:s3:::items-account-artefacts-1a2b3c4d5e6f7",
    boundary=BOUNDARY,
    zone="Z0123456789ABCDEFGHIJ",
)
POLICIES = deployer.policies(PLACE)
ALL = {"Statement": list(statements(*POLICIES.values()))}
LIMIT = deployer.boundary(PLACE)

#: What a package is made into, by SAM.
API_TYPES = {
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::IAM::Role",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::WAFv2::LoggingConfiguration",
    "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
}
TEMPLATES = PROJECT / "infra" / "templates"
#: Made by an administrator, so not with these rights; and what is merged into the package.
OTHERS = ("account.yaml", "api.yaml")

#: What holds data is for people to delete.
NEVER_DELETED = {
    "AWS::Backup::BackupVault",
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
}
ALLOWED = {action for statement in ALL["Statement"] for action in statement["Action"]}


@cache
def called() -> dict[tuple[str, str], frozenset[str]]:
    """Return the actions that CloudFormation may call, by resource type and handler."""
    known = handlers()
    files = [file.name for file in TEMPLATES.glob("*.yaml") if file.name not in OTHERS]
    types = API_TYPES | {
        resource["Type"] for name in files for resource in load(name)["Resources"].values()
    }
    return {
        (kind, handler): frozenset(
            # In the schemas, some names begin with a small letter.
            f"{service}:{name[0].upper()}{name[1:]}"
            for service, _, name in (call.partition(":") for call in calls)
        )
        for kind in types
        # A release of cfn-lint may come without the schema of a type.
        for handler, calls in known.get(kind, {}).items()
        if handler != "list" and not (handler == "delete" and kind in NEVER_DELETED)
    }


def test_each_handler_of_each_type_has_rights() -> None:
    """A schema lists the calls for every property of a type, so not all of them are needed."""
    assert len(called()) > 100
    assert [each for each, calls in called().items() if calls and not calls & ALLOWED] == []


#: By service, the names that CloudFormation gives to what it makes, and ids that AWS makes up.
THINGS = {
    "acm": ["arn:aws:acm:us-east-1:123456789012:certificate/1-2-3"],
    "apigateway": [
        "arn:aws:apigateway:ap-southeast-2::/restapis",
        "arn:aws:apigateway:ap-southeast-2::/restapis/a1/stages/api",
    ],
    "application-autoscaling": [
        f"arn:aws:application-autoscaling:{ACCOUNT}:scalable-target/1a2b",
        "*",
    ],
    "backup": [
        f"arn:aws:backup:{ACCOUNT}:backup-vault:items-prod-1a2b-aws-key",
        f"arn:aws:backup:{ACCOUNT}:backup-plan:1-2-3",
    ],
    "backup-storage": ["*"],
    "cloudfront": [
        "arn:aws:cloudfront::123456789012:distribution/E1",
        "arn:aws:cloudfront::123456789012:origin-access-control/E2",
        "arn:aws:cloudfront::123456789012:response-headers-policy/1-2-3",
        "*",
    ],
    "cloudwatch": [
        f"arn:aws:cloudwatch:{ACCOUNT}:alarm:items-prod-api-CanaryFaults-1A2B",
        "arn:aws:cloudwatch::123456789012:dashboard/items-prod",
        "*",
    ],
    "codedeploy": [
        f"arn:aws:codedeploy:{ACCOUNT}:application:items-prod-api-ServerlessDeployment-1A2B",
        f"arn:aws:codedeploy:{ACCOUNT}:deploymentgroup:"
        "items-prod-api-ServerlessDeployment-1A2B/items-prod-api-APIHandlerDeploymentGroup-1A2B",
        f"arn:aws:codedeploy:{ACCOUNT}:deploymentconfig:CodeDeployDefault.LambdaAllAtOnce",
        "*",
    ],
    "cognito-idp": [f"arn:aws:cognito-idp:{ACCOUNT}:userpool/ap-southeast-2_1a2b", "*"],
    "dynamodb": [f"arn:aws:dynamodb:{ACCOUNT}:table/items-prod-data-ItemsTable-1A2B"],
    "iam": [FUNCTION_ROLE, f"{ROLES}/aws-service-role/backup.amazonaws.com/AWSServiceRole"],
    "kms": [f"arn:aws:kms:{ACCOUNT}:key/1-2-3", "*"],
    "lambda": [f"arn:aws:lambda:{ACCOUNT}:function:items-prod"],
    "logs": [f"arn:aws:logs:{ACCOUNT}:log-group:/aws/lambda/items-prod:log-stream:", "*"],
    "route53": [
        "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
        "arn:aws:route53:::change/C1",
        "*",
    ],
    "s3": [
        "arn:aws:s3:::items-prod-site-bucket-1a2b",
        "arn:aws:s3:::items-account-artefacts-1a2b3c4d5e6f7/items-prod/1.zip",
        "arn:aws:s3:::items-prod-site-bucket-1a2b/index.html",
    ],
    "budgets": ["arn:aws:budgets::123456789012:budget/items-prod-monitoring"],
    "sns": [f"arn:aws:sns:{ACCOUNT}:items-prod-monitoring-Topic-1A2B"],
    "wafv2": [
        f"arn:aws:wafv2:{ACCOUNT}:regional/webacl/items-prod-api/1-2-3",
        "arn:aws:wafv2:us-east-1:123456789012:global/webacl/items-prod-edge/1-2-3",
    ],
}
CIRCUMSTANCES = {
    "application-autoscaling:service-namespace": "dynamodb",
    "aws:RequestTag/application": "items-prod",
    "aws:RequestedRegion": "us-east-1",
    "aws:ResourceTag/application": "items-prod",
    "iam:AWSServiceName": "backup.amazonaws.com",
    "iam:PassedToService": "lambda.amazonaws.com",
    "iam:PermissionsBoundary": BOUNDARY,
    "iam:PolicyARN": "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda",
    "kms:ViaService": "dynamodb.ap-southeast-2.amazonaws.com",
}


@pytest.mark.parametrize("action", sorted(ALLOWED & frozenset().union(*called().values())))
def test_it_is_allowed_on_something_of_ours(action: str) -> None:
    things = THINGS[action.partition(":")[0]]
    assert any(allows(ALL, action, thing, CIRCUMSTANCES) for thing in things)


def test_the_pool_carries_the_tag_by_which_it_is_told() -> None:
    pool = load("data.yaml")["Resources"]["UserPool"]["Properties"]
    assert pool["UserPoolTags"] == {"application": {"Ref": "FunctionName"}}


def test_the_actions_exist_and_are_bound_to_resources_where_aws_lets_them_be() -> None:
    everywhere = set()
    for statement in ALL["Statement"]:
        for action in statement["Action"]:
            assert "*" not in action
            bound = takes_resources(action)
            assert bound is not None, action
            if statement["Resource"] == ["*"]:
                everywhere |= {action} if bound else set()
            else:
                # Otherwise the statement would never hold.
                assert bound, action
                assert "*" not in statement["Resource"]
    assert everywhere <= {
        "cloudformation:GetTemplateSummary",  # of a template that is no stack's yet
        "cloudwatch:GetMetricData",  # takes none for AWS's metrics
    }


def test_aws_takes_each_of_them() -> None:
    assert len(POLICIES) <= 10  # for a role
    for policy in POLICIES.values():
        assert len(json.dumps(policy, separators=(",", ":"))) <= 6144


def test_the_boundary_has_what_the_roles_need() -> None:
    table = f"arn:aws:dynamodb:{ACCOUNT}:table/items-prod-data-ItemsTable-1A2B"
    for statement in statements(function_policy(table, "items-prod")):
        for action in statement["Action"]:
            for resource in statement["Resource"]:
                assert allows(LIMIT, action, resource), (action, resource)
