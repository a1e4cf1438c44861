"""The permissions that a schema lists and this project does not need, each with the reason.

A schema lists the needs of all properties of a type together. So nearly all excuses are for a
property that no template sets. An excuse ends when a template sets its property.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.infra.permissions.demands import Demand

#: By resource type and property (with dots for one inside), the actions that only it needs. A
#: pattern covers no allowed action.
UNSET: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGateway::RestApi": {
        "BodyS3Location": "s3:GetObject",
    },
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "RoleARN": "iam:PassRole",
    },
    "AWS::Backup::BackupVault": {
        "AccessPolicy": "backup:PutBackupVaultAccessPolicy backup:DeleteBackupVaultAccessPolicy",
        # Otherwise the key is AWS's, which needs no right that the policy could name.
        "EncryptionKeyArn": "kms:CreateGrant kms:Decrypt kms:DescribeKey kms:GenerateDataKey "
        "kms:RetireGrant",
        "LockConfiguration": "backup:PutBackupVaultLockConfiguration "
        "backup:DeleteBackupVaultLockConfiguration",
        "Notifications": "backup:PutBackupVaultNotifications backup:DeleteBackupVaultNotifications",
    },
    "AWS::Budgets::Budget": {
        "Budget.BillingViewArn": "billing:GetBillingViewData",
    },
    "AWS::CertificateManager::Certificate": {
        "CertificateAuthorityArn": "acm-pca:*",
    },
    "AWS::CloudFront::Distribution": {
        "DistributionConfig.Staging": "cloudfront:UpdateDistributionWithStagingConfig",
        "DistributionConfig.TenantConfig": "cloudfront:*ConnectionGroup",
    },
    "AWS::CodeDeploy::DeploymentGroup": {
        "OnPremisesInstanceTagFilters": "codedeploy:RegisterOnPremisesInstance",
    },
    "AWS::Cognito::UserPool": {
        "KeyConfiguration": "kms:*",
        "Schema": "cognito-idp:AddCustomAttributes",
        "SmsConfiguration": "iam:PassRole",
    },
    "AWS::Cognito::UserPoolClient": {
        "AnalyticsConfiguration": "iam:*",
    },
    "AWS::Cognito::UserPoolDomain": {
        "CustomDomainConfig": "cloudfront:UpdateDistribution kms:*",
    },
    "AWS::DynamoDB::Table": {
        "ContributorInsightsSpecification": "iam:CreateServiceLinkedRole",
        "ImportSourceSpecification": "dynamodb:*Item dynamodb:*Import* dynamodb:Query "
        "dynamodb:Scan logs:CreateLog* logs:DescribeLogStreams logs:Put* s3:*",
        "KinesisStreamSpecification": "dynamodb:EnableKinesisStreamingDestination "
        "dynamodb:DisableKinesisStreamingDestination "
        "dynamodb:UpdateKinesisStreamingDestination kinesis:*",
        "ResourcePolicy": "dynamodb:PutResourcePolicy dynamodb:DeleteResourcePolicy",
        "TimeToLiveSpecification": "dynamodb:UpdateTimeToLive",
    },
    "AWS::IAM::Role": {
        "ManagedPolicyArns": "iam:AttachRolePolicy",
        "PermissionsBoundary": "iam:PutRolePermissionsBoundary",
        "Policies": "iam:PutRolePolicy",
    },
    "AWS::KMS::Key": {
        "Enabled": "kms:EnableKey kms:DisableKey",
    },
    "AWS::Lambda::Function": {
        "CapacityProviderConfig": "lambda:PassCapacityProvider lambda:PutFunctionScalingConfig",
        "Code.S3ObjectVersion": "s3:GetObjectVersion",
        "CodeSigningConfigArn": "lambda:GetCodeSigningConfig "
        "lambda:PutFunctionCodeSigningConfig lambda:DeleteFunctionCodeSigningConfig",
        "FileSystemConfigs": "elasticfilesystem:* s3files:*",
        "KmsKeyArn": "kms:*",
        "Layers": "lambda:GetLayerVersion",
        "RecursiveLoop": "lambda:PutFunctionRecursionConfig",
        "RuntimeManagementConfig": "lambda:AssociateRuntimeAlias lambda:PutRuntimeManagementConfig",
        "VpcConfig": "ec2:*",
    },
    "AWS::Lambda::Version": {
        "FunctionScalingConfig": "lambda:PutFunctionScalingConfig",
        "RuntimePolicy": "lambda:PutRuntimeManagementConfig",
    },
    "AWS::Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": "logs:PutBearerTokenAuthentication",
        "DataProtectionPolicy": "logs:PutDataProtectionPolicy logs:DeleteDataProtectionPolicy",
        "DeletionProtectionEnabled": "logs:PutLogGroupDeletionProtection",
        "FieldIndexPolicies": "logs:PutIndexPolicy logs:DeleteIndexPolicy",
        "ResourcePolicyDocument": "logs:DeleteResourcePolicy",
    },
    "AWS::S3::Bucket": {
        "AbacStatus": "s3:PutBucketAbac",
        "AccelerateConfiguration": "s3:PutAccelerateConfiguration",
        "AccessControl": "s3:PutBucketAcl s3:PutObjectAcl",
        "AnalyticsConfigurations": "s3:PutAnalyticsConfiguration",
        "CorsConfiguration": "s3:PutBucketCORS",
        "IntelligentTieringConfigurations": "s3:PutIntelligentTieringConfiguration",
        "InventoryConfigurations": "s3:PutInventoryConfiguration",
        "LoggingConfiguration": "s3:PutBucketLogging",
        "MetadataTableConfiguration": "s3:CreateBucketMetadataTableConfiguration "
        "s3:DeleteBucketMetadataTableConfiguration "
        "s3:UpdateBucketMetadata* s3tables:*",
        "MetricsConfigurations": "s3:PutMetricsConfiguration",
        "NotificationConfiguration": "s3:PutBucketNotification",
        "ObjectLockConfiguration": "s3:PutBucketObjectLockConfiguration",
        "ReplicationConfiguration": "iam:PassRole s3:PutReplicationConfiguration",
        "WebsiteConfiguration": "s3:PutBucketWebsite s3:DeleteBucketWebsite",
    },
    "AWS::SNS::Subscription": {
        "SubscriptionRoleArn": "iam:GetRole iam:PassRole",
    },
    "AWS::SNS::Topic": {
        "DataProtectionPolicy": "sns:PutDataProtectionPolicy",
        "DeliveryStatusLogging": "iam:GetRole iam:PassRole",
    },
}

#: By resource type, further actions (patterns) and why they are not needed.
FURTHER: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGateway::RestApi": {"iam:PassRole": "no integration has a role"},
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "lambda:GetProvisionedConcurrencyConfig lambda:PutProvisionedConcurrencyConfig "
        "lambda:DeleteProvisionedConcurrencyConfig": "a table's target is no function's",
    },
    "AWS::Backup::BackupPlan": {"iam:PassRole": "the selection has the role"},
    "AWS::CloudFront::Distribution": {"cloudfront:GetVpcOrigin": "no origin is in a VPC"},
    "AWS::DynamoDB::Table": {
        "dynamodb:*TableReplica": "replicas are of AWS::DynamoDB::GlobalTable",
        "kms:ListAliases": "the key is given by its ARN",
    },
    "AWS::IAM::Role": {
        "iam:UpdateAssumeRolePolicy iam:DeleteRolePermissionsBoundary": "a way to more rights; no "
        "template changes either of a role",
    },
    "AWS::Logs::LogGroup": {"firehose:*": "logs stay in CloudWatch Logs"},
    "AWS::WAFv2::LoggingConfiguration": {
        # https://docs.aws.amazon.com/waf/latest/APIReference/API_PutLoggingConfiguration.html
        "firehose:* iam:CreateServiceLinkedRole s3:*": "logs go to CloudWatch Logs, for which WAF "
        "writes a resource policy and creates no role",
    },
    "AWS::WAFv2::WebACLAssociation": {
        "amplify:* apprunner:* appsync:* bedrock-agentcore:* cognito-idp:* ec2:* "
        "elasticloadbalancing:*": "the firewall stands before an API Gateway stage",
        "wafv2:GetPermissionPolicy wafv2:PutPermissionPolicy": "rule groups are not shared",
    },
}


@dataclass(frozen=True)
class Excuse:
    """Excuses `actions` (patterns, separated by spaces) of a resource type, for a reason.

    `unless` names a property. The excuse ends when a template sets it.
    """

    type: str
    actions: str
    reason: str
    unless: str = ""

    def __str__(self) -> str:
        return f"{self.type} {self.actions}"

    def covers(self, demand: Demand) -> bool:
        """Return whether the excuse matches the demand, independently of the template."""
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


def _excuses() -> Iterator[Excuse]:
    for type, properties in UNSET.items():
        for name, actions in properties.items():
            yield Excuse(type, actions, f"{name} is not set", name)
    for type, reasons in FURTHER.items():
        yield from (Excuse(type, actions, reason) for actions, reason in reasons.items())


EXCUSES = tuple(_excuses())
