"""The ARNs of a resource, and of other resources that its handlers use.

By resource type of CloudFormation, and there by resource type of the service authorization
reference (https://docs.aws.amazon.com/service-authorization/latest/reference/), in lower case.
`{name}` is the physical name, `{id}` is made up by AWS, `{p[Name]}` is a property.
"""

from collections.abc import Mapping
from typing import Any

ACCOUNT = "123456789012"
#: A part of an ARN that AWS makes up, so that no policy can name it. It is as long as
#: the part of a key's id before its first hyphen, of which a vault's name is made.
ID = "0a1b2c3d"

_POOL = {"userpool": "arn:aws:cognito-idp:{region}:{account}:userpool/{p[UserPoolId]}"}
_APIS = "arn:aws:apigateway:{region}::/restapis"
_TAGS = "arn:aws:apigateway:{region}::/tags/{id}"
_FUNCTION = "arn:aws:lambda:{region}:{account}:function:"
_ALARM = {"alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}"}
_GROUP = "arn:aws:codedeploy:{region}:{account}:"
_ZONE = {
    "hostedzone": "arn:aws:route53:::hostedzone/{p[HostedZoneId]}",
    "change": "arn:aws:route53:::change/{id}",
}

#: The first is the resource's own.
ARNS: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGateway::Deployment": {
        "deployment": _APIS + "/{p[RestApiId]}/deployments/{id}",
        "deployments": _APIS + "/{p[RestApiId]}/deployments",
        "tags": _TAGS,
    },
    "AWS::ApiGateway::RestApi": {
        "restapi": _APIS + "/{id}",
        "restapis": _APIS,
        "resource": _APIS + "/{id}/resources/{id}",
        "resources": _APIS + "/{id}/resources",
        "integration": _APIS + "/{id}/resources/{id}/methods/GET/integration",
        "tags": _TAGS,
    },
    "AWS::ApiGateway::Stage": {
        "stage": _APIS + "/{p[RestApiId]}/stages/{p[StageName]}",
        "stages": _APIS + "/{p[RestApiId]}/stages",
        "tags": _TAGS,
    },
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "scalabletarget": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{id}",
        # https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
        "alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:TargetTracking-{p[ResourceId]}-{id}",
    },
    "AWS::ApplicationAutoScaling::ScalingPolicy": {
        "scalabletarget": "arn:aws:application-autoscaling:{region}:{account}:scalable-target/{id}",
        "dataset": "*",  # GetMetricData: AWS's own metrics are in no dataset
    },
    "AWS::Backup::BackupPlan": {"backupplan": "arn:aws:backup:{region}:{account}:backup-plan:{id}"},
    "AWS::Backup::BackupSelection": {
        "backupplan": "arn:aws:backup:{region}:{account}:backup-plan:{p[BackupPlanId]}",
    },
    "AWS::Backup::BackupVault": {
        "backupvault": "arn:aws:backup:{region}:{account}:backup-vault:{name}",
    },
    "AWS::Budgets::Budget": {"budget": "arn:aws:budgets::{account}:budget/{name}"},
    "AWS::CertificateManager::Certificate": {
        "certificate": "arn:aws:acm:{region}:{account}:certificate/{id}",
        "hostedzone": "arn:aws:route53:::hostedzone/{p[DomainValidationOptions][0][HostedZoneId]}",
    },
    "AWS::CloudFront::Distribution": {
        "distribution": "arn:aws:cloudfront::{account}:distribution/{id}",
    },
    "AWS::CloudFront::OriginAccessControl": {
        "origin-access-control": "arn:aws:cloudfront::{account}:origin-access-control/{id}",
    },
    "AWS::CloudFront::ResponseHeadersPolicy": {
        "response-headers-policy": "arn:aws:cloudfront::{account}:response-headers-policy/{id}",
    },
    "AWS::CloudWatch::Alarm": _ALARM,
    "AWS::CloudWatch::CompositeAlarm": _ALARM,
    "AWS::CloudWatch::Dashboard": {
        "dashboard": "arn:aws:cloudwatch::{account}:dashboard/{name}",
    },
    "AWS::CodeDeploy::Application": {"application": _GROUP + "application:{name}"},
    "AWS::CodeDeploy::DeploymentGroup": {
        "deploymentgroup": _GROUP + "deploymentgroup:{p[ApplicationName]}/{name}",
        "application": _GROUP + "application:{p[ApplicationName]}",
        "deploymentconfig": _GROUP + "deploymentconfig:{p[DeploymentConfigName]}",
    },
    "AWS::Cognito::ManagedLoginBranding": _POOL,
    "AWS::Cognito::UserPool": {"userpool": "arn:aws:cognito-idp:{region}:{account}:userpool/{id}"},
    "AWS::Cognito::UserPoolClient": _POOL,
    "AWS::Cognito::UserPoolDomain": _POOL,
    "AWS::Cognito::UserPoolResourceServer": _POOL,
    "AWS::DynamoDB::Table": {"table": "arn:aws:dynamodb:{region}:{account}:table/{name}"},
    "AWS::IAM::Role": {"role": "arn:aws:iam::{account}:role/{name}"},
    "AWS::KMS::Key": {"key": "arn:aws:kms:{region}:{account}:key/{id}"},
    "AWS::Lambda::Alias": {
        "function alias": _FUNCTION + "{p[FunctionName]}:{p[Name]}",
        "function": _FUNCTION + "{p[FunctionName]}",
        # The resources of its UpdatePolicy. The configuration is the deployment group's.
        "deploymentgroup": _GROUP + "deploymentgroup:{u[ApplicationName]}/{u[DeploymentGroupName]}",
        "application": _GROUP + "application:{u[ApplicationName]}",
        "deploymentconfig": _GROUP + "deploymentconfig:CodeDeployDefault.{id}",
    },
    "AWS::Lambda::Function": {
        "function": _FUNCTION + "{name}",
        "object": "arn:aws:s3:::{p[Code][S3Bucket]}/{p[Code][S3Key]}",
    },
    # Its FunctionName is the alias's ARN.
    "AWS::Lambda::Permission": {"function": "{p[FunctionName]}"},
    "AWS::Lambda::Version": {
        "function version": _FUNCTION + "{p[FunctionName]}:1",
        "function": _FUNCTION + "{p[FunctionName]}",
    },
    "AWS::Logs::LogGroup": {"log-group": "arn:aws:logs:{region}:{account}:log-group:{name}"},
    "AWS::Logs::MetricFilter": {
        "log-group": "arn:aws:logs:{region}:{account}:log-group:{p[LogGroupName]}",
    },
    "AWS::Route53::RecordSet": _ZONE,
    "AWS::S3::Bucket": {
        "bucket": "arn:aws:s3:::{name}",
        "object": "arn:aws:s3:::{name}/index.html",
    },
    "AWS::S3::BucketPolicy": {"bucket": "arn:aws:s3:::{p[Bucket]}"},
    "AWS::SNS::Subscription": {"topic": "{p[TopicArn]}"},
    "AWS::SNS::Topic": {"topic": "arn:aws:sns:{region}:{account}:{name}"},
    "AWS::SNS::TopicPolicy": {"topic": "{p[Topics][0]}"},
    "AWS::WAFv2::LoggingConfiguration": {"webacl": "{p[ResourceArn]}"},
    "AWS::WAFv2::WebACL": {
        "webacl": "arn:aws:wafv2:{region}:{account}:{scope}/webacl/{name}/{id}",
        # The rule groups of AWS that its rules name.
        "managedruleset": "arn:aws:wafv2:{region}:{account}:{scope}/managedruleset/{id}/{id}",
    },
    "AWS::WAFv2::WebACLAssociation": {
        "webacl": "{p[WebACLArn]}",
        "apigateway": "{p[ResourceArn]}",
        "stage": "{p[ResourceArn]}",
    },
    "AWS::XRay::SamplingRule": {
        "sampling-rule": "arn:aws:xray:{region}:{account}:sampling-rule/{p[SamplingRule][RuleName]}"
    },
}


def arns_of(
    type: str,
    region: str,
    name: str,
    properties: Mapping[str, Any],
    update_policy: Mapping[str, Any] | None = None,
) -> dict[str, str]:
    """Return the ARNs by the reference's resource type. Raises `KeyError` for an unknown type."""
    update = (update_policy or {}).get("CodeDeployLambdaAliasUpdate")
    fields = {
        "region": region,
        "account": ACCOUNT,
        "name": name,
        "id": ID,
        "p": properties,
        "u": update,
        "scope": "global" if properties.get("Scope") == "CLOUDFRONT" else "regional",
    }
    return {
        resource_type: form.format(**fields)
        for resource_type, form in ARNS[type].items()
        if update or "{u[" not in form
    }


def own_arn(type: str, region: str, name: str, properties: Mapping[str, Any]) -> str:
    """Return the resource's own ARN, for which its name and literal properties are enough."""
    first = next(iter(ARNS[type].values()))
    scope = "global" if properties.get("Scope") == "CLOUDFRONT" else "regional"
    return first.format(region=region, account=ACCOUNT, name=name, id=ID, p=properties, scope=scope)
