"""The deployer's policies are not too much: the items, other people's things, more rights."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.cloudformation.stack import Stack
from local.cloud import Cloud
from tests.e2e.deployer.conftest import FUNCTION, Client, Release, outputs

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ANYBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
TRUSTING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
}


@dataclass(frozen=True)
class Target:
    """The existing resources that a deployer might attack."""

    table: str
    pool: str
    other_pool: str
    role: str
    deploy_role: str
    artefacts: str
    bucket: str


@pytest.fixture(scope="module")
def target(deployed: Release, cloud: Cloud, prepared: dict[str, str]) -> Target:
    data = outputs(cloud, "data")
    found = cloud.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    cloud.client("s3").create_bucket(Bucket="somebody-elses")
    cloud.client("s3").put_object(Bucket="somebody-elses", Key="a", Body=b"theirs")
    formation = cloud.client("cloudformation")
    empty = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
    Stack(formation, "somebody-elses", lambda _: None).deploy(json.dumps(empty), {})
    return Target(
        table=data["TableName"],
        pool=data["UserPoolId"],
        other_pool=cloud.client("cognito-idp").create_user_pool(PoolName="other")["UserPool"]["Id"],
        role=found["Role"].rpartition("/")[2],
        deploy_role=prepared["DeployRoleArn"].rpartition("/")[2],
        artefacts=prepared["ArtefactBucket"],
        bucket="somebody-elses",
    )


KEY = {"id": {"S": "owner#item"}}

#: The call to try, by the missing right.
REFUSED: dict[str, Callable[[Client, Target], Any]] = {
    # the items
    "dynamodb:GetItem": lambda of, at: of("dynamodb").get_item(TableName=at.table, Key=KEY),
    "dynamodb:PutItem": lambda of, at: of("dynamodb").put_item(TableName=at.table, Item=KEY),
    "dynamodb:DeleteItem": lambda of, at: of("dynamodb").delete_item(TableName=at.table, Key=KEY),
    "dynamodb:Scan": lambda of, at: of("dynamodb").scan(TableName=at.table),
    "dynamodb:DeleteTable": lambda of, at: of("dynamodb").delete_table(TableName=at.table),
    "dynamodb:CreateBackup": lambda of, at: of("dynamodb").create_backup(
        TableName=at.table, BackupName="copy"
    ),
    "lambda:InvokeFunction": lambda of, at: of("lambda").invoke(FunctionName=FUNCTION),
    "logs:FilterLogEvents": lambda of, at: of("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{FUNCTION}"
    ),
    # their owners
    "cognito-idp:AdminCreateUser": lambda of, at: of("cognito-idp").admin_create_user(
        UserPoolId=at.other_pool, Username="intruder@example.com"
    ),
    "cognito-idp:AdminSetUserPassword": lambda of, at: of("cognito-idp").admin_set_user_password(
        UserPoolId=at.other_pool, Username="somebody", Password="Correct-Horse-1", Permanent=True
    ),
    "cognito-idp:AdminGetUser": lambda of, at: of("cognito-idp").admin_get_user(
        UserPoolId=at.pool, Username="somebody@example.com"
    ),
    "cognito-idp:ListUsers": lambda of, at: of("cognito-idp").list_users(UserPoolId=at.pool),
    "cognito-idp:DeleteUserPool": lambda of, at: of("cognito-idp").delete_user_pool(
        UserPoolId=at.pool
    ),
    # more rights
    "iam:CreateUser": lambda of, at: of("iam").create_user(UserName="items-admin"),
    "iam:CreateAccessKey": lambda of, at: of("iam").create_access_key(UserName="items-admin"),
    "iam:CreatePolicy": lambda of, at: of("iam").create_policy(
        PolicyName="items-all", PolicyDocument=json.dumps(ANYBODY)
    ),
    "iam:AttachRolePolicy": lambda of, at: of("iam").attach_role_policy(
        RoleName=at.role, PolicyArn=ADMINISTRATOR
    ),
    "iam:PutRolePolicy": lambda of, at: of("iam").put_role_policy(
        RoleName=at.deploy_role, PolicyName="all", PolicyDocument=json.dumps(ANYBODY)
    ),
    "iam:UpdateAssumeRolePolicy": lambda of, at: of("iam").update_assume_role_policy(
        RoleName=at.deploy_role, PolicyDocument=json.dumps(TRUSTING)
    ),
    "iam:CreateRole": lambda of, at: of("iam").create_role(
        RoleName="administrator", AssumeRolePolicyDocument=json.dumps(TRUSTING)
    ),
    "iam:DeleteRolePermissionsBoundary": lambda of, at: of("iam").delete_role_permissions_boundary(
        RoleName=at.role
    ),
    # the others in the account
    "cloudformation:UpdateStack": lambda of, at: of("cloudformation").update_stack(
        StackName="items-account", UsePreviousTemplate=True
    ),
    "cloudformation:DescribeStacks": lambda of, at: of("cloudformation").describe_stacks(
        StackName="somebody-elses"
    ),
    "cloudformation:DeleteStack": lambda of, at: of("cloudformation").delete_stack(
        StackName=f"{FUNCTION}-data"
    ),
    "s3:GetObject": lambda of, at: of("s3").get_object(Bucket=at.bucket, Key="a"),
    "s3:PutObject": lambda of, at: of("s3").put_object(Bucket=at.bucket, Key="a", Body=b""),
    "s3:PutBucketPolicy": lambda of, at: of("s3").put_bucket_policy(
        Bucket=at.artefacts, Policy=json.dumps(ANYBODY)
    ),
    "s3:DeleteObject": lambda of, at: of("s3").delete_object(Bucket=at.artefacts, Key="a"),
    "lambda:UpdateFunctionCode": lambda of, at: of("lambda").update_function_code(
        FunctionName="somebody-elses", ZipFile=b""
    ),
    "apigateway:PATCH": lambda of, at: of("apigateway").update_account(patchOperations=[]),
}


@pytest.mark.parametrize("action", REFUSED)
def test_they_are_not_too_much(action: str, deployer: Client, target: Target) -> None:
    with pytest.raises(ClientError) as refusal:
        REFUSED[action](deployer, target)
    error = refusal.value.response["Error"]
    assert error["Code"] in ("AccessDenied", "AccessDeniedException")
    # That very right, so that it is not refused for some other reason.
    assert action in error["Message"]
