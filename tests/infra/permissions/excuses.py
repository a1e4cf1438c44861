"""The permissions that a schema lists and this project never needs, each with the reason.

A schema lists what all properties of a type could need together. An excuse that names a property
ends when a template sets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.permissions.demands import Demand


@dataclass(frozen=True)
class Excuse:
    """Excuses `actions` (patterns, separated by spaces) of a resource type, for a reason.

    `unless` names a property, with dots for those inside: where it is set, nothing is excused.
    """

    type: str
    actions: str
    reason: str
    unless: str = ""

    def covers(self, demand: Demand) -> bool:
        """Return whether it is about the demand, whatever the template sets."""
        return demand.resource.type == self.type and any(
            fnmatchcase(demand.action, pattern) for pattern in self.actions.split()
        )

    def excuses(self, demand: Demand) -> bool:
        return self.covers(demand) and not (
            self.unless and _is_set(demand.resource.properties, self.unless)
        )


def _is_set(properties: Mapping[str, Any], path: str) -> bool:
    value: Any = properties
    for key in path.split("."):
        if key not in value:
            return False
        value = value[key]
    return True


_RIGHTS = "a way to more rights; the templates never change it"
_FIREHOSE = "logs go to CloudWatch Logs"

EXCUSES = (
    Excuse("AWS::ApiGateway::RestApi", "iam:PassRole", "no integration has a role"),
    Excuse(
        "AWS::ApiGateway::RestApi", "s3:GetObject", "the API's in the template", "BodyS3Location"
    ),
    Excuse(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "iam:PassRole",
        "the service-linked role scales",
        "RoleARN",
    ),
    Excuse(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "lambda:*ProvisionedConcurrencyConfig",
        "a table's capacity is no function's",
    ),
    Excuse("AWS::Backup::BackupPlan", "iam:PassRole", "the selection has the role"),
    Excuse(
        "AWS::Backup::BackupVault",
        "backup:*BackupVaultAccessPolicy",
        "IAM alone decides",
        "AccessPolicy",
    ),
    Excuse(
        "AWS::Backup::BackupVault",
        "backup:*BackupVaultLockConfiguration",
        "not locked",
        "LockConfiguration",
    ),
    Excuse(
        "AWS::Backup::BackupVault",
        "backup:*BackupVaultNotifications",
        "nobody is notified",
        "Notifications",
    ),
    Excuse(
        "AWS::Budgets::Budget", "billing:GetBillingViewData", "no view", "Budget.BillingViewArn"
    ),
    Excuse(
        "AWS::CertificateManager::Certificate",
        "acm-pca:*",
        "a public certificate",
        "CertificateAuthorityArn",
    ),
    Excuse(
        "AWS::CloudFront::Distribution",
        "cloudfront:*ConnectionGroup",
        "no tenants",
        "DistributionConfig.TenantConfig",
    ),
    Excuse("AWS::CloudFront::Distribution", "cloudfront:GetVpcOrigin", "no origin is in a VPC"),
    Excuse(
        "AWS::CloudFront::Distribution",
        "cloudfront:UpdateDistributionWithStagingConfig",
        "no staging distribution",
        "DistributionConfig.Staging",
    ),
    Excuse(
        "AWS::CodeDeploy::DeploymentGroup",
        "codedeploy:RegisterOnPremisesInstance",
        "deploys to Lambda",
        "OnPremisesInstanceTagFilters",
    ),
    Excuse(
        "AWS::Cognito::UserPool",
        "iam:CreateServiceLinkedRole",
        "for Amazon SES; Cognito sends the mail",
        "EmailConfiguration",
    ),
    Excuse("AWS::Cognito::UserPool", "iam:PassRole", "no text messages", "SmsConfiguration"),
    Excuse("AWS::Cognito::UserPool", "kms:*", "AWS's own key", "LambdaConfig"),
    Excuse("AWS::Cognito::UserPool", "cognito-idp:AddCustomAttributes", "none", "Schema"),
    Excuse("AWS::Cognito::UserPoolClient", "iam:*", "no Amazon Pinpoint", "AnalyticsConfiguration"),
    Excuse(
        "AWS::Cognito::UserPoolDomain",
        "cloudfront:UpdateDistribution kms:*",
        "Cognito's own domain",
        "CustomDomainConfig",
    ),
    Excuse(
        "AWS::DynamoDB::Table",
        "dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:DescribeImport dynamodb:GetItem "
        "dynamodb:ImportTable dynamodb:PutItem dynamodb:Query dynamodb:Scan dynamodb:UpdateItem "
        "logs:CreateLog* logs:DescribeLogStreams logs:PutLogEvents logs:PutRetentionPolicy s3:*",
        "nothing is imported, and the items are not the deployer's",
        "ImportSourceSpecification",
    ),
    Excuse(
        "AWS::DynamoDB::Table",
        "dynamodb:AssociateTableReplica dynamodb:CreateTableReplica",
        "one region; replicas are of AWS::DynamoDB::GlobalTable",
    ),
    Excuse(
        "AWS::DynamoDB::Table",
        "dynamodb:*KinesisStreamingDestination kinesis:*",
        "no stream",
        "KinesisStreamSpecification",
    ),
    Excuse(
        "AWS::DynamoDB::Table",
        "dynamodb:PutResourcePolicy dynamodb:DeleteResourcePolicy",
        "IAM alone decides",
        "ResourcePolicy",
    ),
    Excuse(
        "AWS::DynamoDB::Table",
        "dynamodb:UpdateTimeToLive",
        "items do not expire",
        "TimeToLiveSpecification",
    ),
    Excuse(
        "AWS::DynamoDB::Table",
        "iam:CreateServiceLinkedRole",
        "for replicas and contributor insights",
        "ContributorInsightsSpecification",
    ),
    Excuse("AWS::DynamoDB::Table", "kms:ListAliases", "the key is given by its ARN"),
    Excuse(
        "AWS::IAM::Role",
        "iam:UpdateAssumeRolePolicy iam:DeleteRolePermissionsBoundary",
        _RIGHTS,
    ),
    Excuse("AWS::IAM::Role", "iam:AttachRolePolicy", "its policy's its own", "ManagedPolicyArns"),
    Excuse("AWS::IAM::Role", "iam:PutRolePolicy", "its policy is AWS's", "Policies"),
    Excuse(
        "AWS::IAM::Role",
        "iam:PutRolePermissionsBoundary",
        "SAM creates it without one",
        "PermissionsBoundary",
    ),
    Excuse("AWS::KMS::Key", "kms:EnableKey kms:DisableKey", "always enabled", "Enabled"),
    Excuse("AWS::Lambda::Function", "ec2:*", "in no VPC", "VpcConfig"),
    Excuse(
        "AWS::Lambda::Function",
        "elasticfilesystem:* s3files:*",
        "no file system",
        "FileSystemConfigs",
    ),
    Excuse("AWS::Lambda::Function", "kms:*", "AWS's own key", "KmsKeyArn"),
    Excuse(
        "AWS::Lambda::Function", "lambda:*CodeSigningConfig", "not signed", "CodeSigningConfigArn"
    ),
    Excuse("AWS::Lambda::Function", "lambda:GetLayerVersion", "no layers", "Layers"),
    Excuse(
        "AWS::Lambda::Function",
        "lambda:PassCapacityProvider lambda:PutFunctionScalingConfig",
        "on no instances of our own",
        "CapacityProviderConfig",
    ),
    Excuse(
        "AWS::Lambda::Function",
        "lambda:AssociateRuntimeAlias lambda:PutRuntimeManagementConfig",
        "AWS updates the runtime",
        "RuntimeManagementConfig",
    ),
    Excuse(
        "AWS::Lambda::Function", "lambda:PutFunctionRecursionConfig", "default", "RecursiveLoop"
    ),
    Excuse(
        "AWS::Lambda::Function",
        "s3:GetObjectVersion",
        "the package's key is its hash",
        "Code.S3ObjectVersion",
    ),
    Excuse(
        "AWS::Lambda::Version",
        "lambda:PutFunctionScalingConfig",
        "on no instances of our own",
        "FunctionScalingConfig",
    ),
    Excuse(
        "AWS::Lambda::Version",
        "lambda:PutRuntimeManagementConfig",
        "AWS updates the runtime",
        "RuntimePolicy",
    ),
    Excuse("AWS::Logs::LogGroup", "firehose:TagDeliveryStream", _FIREHOSE),
    Excuse(
        "AWS::Logs::LogGroup",
        "logs:PutDataProtectionPolicy logs:DeleteDataProtectionPolicy",
        "nothing is masked",
        "DataProtectionPolicy",
    ),
    Excuse(
        "AWS::Logs::LogGroup",
        "logs:PutIndexPolicy logs:DeleteIndexPolicy",
        "no field is indexed",
        "FieldIndexPolicies",
    ),
    Excuse("AWS::Logs::LogGroup", "logs:DeleteResourcePolicy", "none", "ResourcePolicyDocument"),
    Excuse(
        "AWS::Logs::LogGroup",
        "logs:PutBearerTokenAuthentication",
        "no tokens",
        "BearerTokenAuthenticationEnabled",
    ),
    Excuse(
        "AWS::Logs::LogGroup",
        "logs:PutLogGroupDeletionProtection",
        "can be deleted",
        "DeletionProtectionEnabled",
    ),
    Excuse("AWS::S3::Bucket", "iam:PassRole", "no replication", "ReplicationConfiguration"),
    Excuse(
        "AWS::S3::Bucket",
        "s3:*MetadataTableConfiguration s3:UpdateBucketMetadata* s3tables:*",
        "no metadata tables",
        "MetadataTableConfiguration",
    ),
    Excuse("AWS::S3::Bucket", "s3:*BucketWebsite", "CloudFront serves it", "WebsiteConfiguration"),
    Excuse("AWS::S3::Bucket", "s3:PutAccelerateConfiguration", "none", "AccelerateConfiguration"),
    Excuse("AWS::S3::Bucket", "s3:PutAnalyticsConfiguration", "none", "AnalyticsConfigurations"),
    Excuse("AWS::S3::Bucket", "s3:PutBucketAbac", "none", "AbacStatus"),
    Excuse("AWS::S3::Bucket", "s3:PutBucketAcl s3:PutObjectAcl", "ACLs are off", "AccessControl"),
    Excuse("AWS::S3::Bucket", "s3:PutBucketCORS", "same origin", "CorsConfiguration"),
    Excuse("AWS::S3::Bucket", "s3:PutBucketLogging", "CloudFront logs", "LoggingConfiguration"),
    Excuse("AWS::S3::Bucket", "s3:PutBucketNotification", "none", "NotificationConfiguration"),
    Excuse(
        "AWS::S3::Bucket", "s3:Put*ObjectLockConfiguration", "no lock", "ObjectLockConfiguration"
    ),
    Excuse(
        "AWS::S3::Bucket",
        "s3:PutIntelligentTieringConfiguration",
        "none",
        "IntelligentTieringConfigurations",
    ),
    Excuse("AWS::S3::Bucket", "s3:PutInventoryConfiguration", "none", "InventoryConfigurations"),
    Excuse("AWS::S3::Bucket", "s3:PutMetricsConfiguration", "none", "MetricsConfigurations"),
    Excuse("AWS::S3::Bucket", "s3:PutReplicationConfiguration", "none", "ReplicationConfiguration"),
    Excuse("AWS::SNS::Subscription", "iam:GetRole iam:PassRole", "by mail", "SubscriptionRoleArn"),
    Excuse("AWS::SNS::Topic", "iam:GetRole iam:PassRole", "by mail", "DeliveryStatusLogging"),
    Excuse(
        "AWS::SNS::Topic",
        "sns:PutDataProtectionPolicy",
        "nothing is masked",
        "DataProtectionPolicy",
    ),
    Excuse(
        "AWS::WAFv2::LoggingConfiguration",
        "firehose:* iam:CreateServiceLinkedRole s3:*",
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_PutLoggingConfiguration.html
        f"{_FIREHOSE}, for which WAF writes a resource policy, and no role",
    ),
    Excuse(
        "AWS::WAFv2::WebACLAssociation",
        "amplify:* apprunner:* appsync:* bedrock-agentcore:* cognito-idp:* ec2:* "
        "elasticloadbalancing:*",
        "the firewall stands before an API Gateway stage",
    ),
    Excuse(
        "AWS::WAFv2::WebACLAssociation",
        "wafv2:GetPermissionPolicy wafv2:PutPermissionPolicy",
        "rule groups are not shared",
    ),
)
