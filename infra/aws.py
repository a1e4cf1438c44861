"""The deployment's access to AWS: clients, and stacks that may not exist."""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, overload

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:  # the packages with the types are installed in development only
    from types_boto3_accessanalyzer import AccessAnalyzerClient
    from types_boto3_account import AccountClient
    from types_boto3_acm import ACMClient
    from types_boto3_apigateway import APIGatewayClient
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_backup import BackupClient
    from types_boto3_budgets import BudgetsClient
    from types_boto3_ce import CostExplorerClient
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackTypeDef
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_cloudtrail import CloudTrailClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_codedeploy import CodeDeployClient
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_guardduty import GuardDutyClient
    from types_boto3_iam import IAMClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_pricing import PricingClient
    from types_boto3_route53 import Route53Client
    from types_boto3_s3 import S3Client
    from types_boto3_service_quotas import ServiceQuotasClient
    from types_boto3_sns import SNSClient
    from types_boto3_sts import STSClient

#: CloudFormation's status of a name without resources, after a change set for a new stack.
EMPTY = "REVIEW_IN_PROGRESS"
_NO_STACK = "does not exist"


class ClientOf(Protocol):
    """Creates a client of a service in the developer's own region, of some in any region.

    mypy checks the calls to these services and rejects other services. To add a service, add its
    extra of types-boto3-lite to requirements-dev.in, and run `make lock`.
    """

    @overload
    def __call__(self, service: Literal["accessanalyzer"], /) -> "AccessAnalyzerClient": ...
    @overload
    def __call__(self, service: Literal["account"], /) -> "AccountClient": ...
    @overload
    def __call__(self, service: Literal["acm"], region: str | None = None, /) -> "ACMClient": ...
    @overload
    def __call__(self, service: Literal["backup"], /) -> "BackupClient": ...
    @overload
    def __call__(self, service: Literal["budgets"], /) -> "BudgetsClient": ...
    @overload
    def __call__(self, service: Literal["ce"], region: str, /) -> "CostExplorerClient": ...
    @overload
    def __call__(
        self, service: Literal["cloudtrail"], region: str | None = None, /
    ) -> "CloudTrailClient": ...
    @overload
    def __call__(self, service: Literal["guardduty"], /) -> "GuardDutyClient": ...
    @overload
    def __call__(self, service: Literal["apigateway"], /) -> "APIGatewayClient": ...
    @overload
    def __call__(
        self, service: Literal["application-autoscaling"], /
    ) -> "ApplicationAutoScalingClient": ...
    @overload
    def __call__(
        self, service: Literal["cloudformation"], region: str | None = None, /
    ) -> "CloudFormationClient": ...
    @overload
    def __call__(self, service: Literal["cloudfront"], /) -> "CloudFrontClient": ...
    @overload
    def __call__(self, service: Literal["cloudwatch"], /) -> "CloudWatchClient": ...
    @overload
    def __call__(self, service: Literal["codedeploy"], /) -> "CodeDeployClient": ...
    @overload
    def __call__(self, service: Literal["cognito-idp"], /) -> "CognitoIdentityProviderClient": ...
    @overload
    def __call__(self, service: Literal["dynamodb"], /) -> "DynamoDBClient": ...
    @overload
    def __call__(self, service: Literal["iam"], /) -> "IAMClient": ...
    @overload
    def __call__(self, service: Literal["lambda"], /) -> "LambdaClient": ...
    @overload
    def __call__(self, service: Literal["logs"], /) -> "CloudWatchLogsClient": ...
    @overload
    def __call__(self, service: Literal["pricing"], region: str, /) -> "PricingClient": ...
    @overload
    def __call__(self, service: Literal["route53"], /) -> "Route53Client": ...
    @overload
    def __call__(self, service: Literal["s3"], /) -> "S3Client": ...
    @overload
    def __call__(self, service: Literal["service-quotas"], /) -> "ServiceQuotasClient": ...
    @overload
    def __call__(self, service: Literal["sns"], /) -> "SNSClient": ...
    @overload
    def __call__(self, service: Literal["sts"], /) -> "STSClient": ...


class Capabilities(NamedTuple):
    """The features of a deployment's target. AWS has all features, an emulator may not.

    `traffic_shifting` is CodeDeploy. `scaling` is SnapStart and provisioned concurrency.
    """

    traffic_shifting: bool = True
    scaling: bool = True


AWS = Capabilities()


def _create_client(service: str, region: str | None = None, /) -> Any:
    return boto3.client(service, region_name=region)


#: Create clients for the account that the developer is signed in to.
client_of: ClientOf = _create_client


def describe_stack(cloudformation: "CloudFormationClient", name: str) -> "StackTypeDef | None":
    """Return CloudFormation's description of a stack by name or id, `None` if it is missing."""
    try:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if not is_missing_stack(error):
            raise
        return None
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else stack


def is_missing_stack(error: ClientError) -> bool:
    """Return true if CloudFormation reports that the stack does not exist."""
    return _NO_STACK in str(error)


def outputs_of(stack: "StackTypeDef") -> dict[str, str]:
    """Return the outputs of a stack's description by their keys."""
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
