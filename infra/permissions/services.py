"""The deployer's policies for resources that can be deleted and rebuilt: API, site, alarms."""

from infra.function.alias import ALIAS
from infra.permissions.terms import EDGE_REGION, Place, Policy, allow


def function(place: Place) -> list[Policy]:
    """Return the statements for the function, and for invoking it by its alias.

    A release's own traffic invokes the alias. The gap: the caller's event names the owner of the
    items, and no policy can check it.
    """
    functions = place.arn("lambda", f"function:{place.name}-*")
    # The local cloud requires ListAliases, but AWS requires GetAlias.
    return [
        allow(
            "lambda",
            "CreateFunction DeleteFunction UpdateFunctionCode UpdateFunctionConfiguration "
            "GetFunction GetFunctionConfiguration GetFunctionCodeSigningConfig "
            "GetFunctionRecursionConfig GetFunctionScalingConfig GetRuntimeManagementConfig "
            "PutFunctionConcurrency DeleteFunctionConcurrency PublishVersion "
            "ListVersionsByFunction CreateAlias DeleteAlias GetAlias ListAliases UpdateAlias "
            "AddPermission RemovePermission GetPolicy GetProvisionedConcurrencyConfig "
            "PutProvisionedConcurrencyConfig DeleteProvisionedConcurrencyConfig ListTags "
            "TagResource UntagResource",
            functions,
        ),
        allow("lambda", "InvokeFunction", f"{functions}:{ALIAS}"),
    ]


def gateway(place: Place) -> list[Policy]:
    apis = f"arn:{place.partition}:apigateway:{place.region}::/restapis"
    tags = f"arn:{place.partition}:apigateway:{place.region}::/tags/*"
    application = place.arn("codedeploy", f"application:{place.name}-*-api-*")
    group = place.arn("codedeploy", f"deploymentgroup:{place.name}-*-api-*/{place.name}-*-api-*")
    config = place.arn("codedeploy", "deploymentconfig:CodeDeployDefault.*")
    return [
        # AWS generates an API's id, so this covers all REST APIs of the account. It does not cover
        # account-wide settings (/account), keys and domain names.
        allow("apigateway", "GET POST PUT PATCH DELETE UpdateRestApiPolicy", apis, f"{apis}/*"),
        allow("apigateway", "GET PUT DELETE", tags),
        allow("apigateway", "SetWebACL", f"{apis}/*/stages/*"),
        allow(
            "codedeploy",
            "CreateApplication DeleteApplication GetApplication ListTagsForResource TagResource "
            "UntagResource RegisterApplicationRevision GetApplicationRevision",
            application,
        ),
        allow(
            "codedeploy",
            "CreateDeploymentGroup DeleteDeploymentGroup GetDeploymentGroup UpdateDeploymentGroup "
            "CreateDeployment GetDeployment ListDeployments ListTagsForResource TagResource "
            "UntagResource",
            group,
        ),
        allow("codedeploy", "GetDeploymentConfig", config),
        # AWS generates the id, so the policy cannot name it.
        allow("codedeploy", "StopDeployment", "*"),
    ]


def logs(place: Place) -> list[Policy]:
    """Return the statements for log groups, without access to their content."""
    name = place.name
    groups = [
        place.arn("logs", f"log-group:{prefix}{name}-*", region=region)
        for prefix, region in (
            ("/aws/lambda/", place.region),
            ("/aws/apigateway/", place.region),
            ("aws-waf-logs-", place.region),
            ("aws-waf-logs-", EDGE_REGION),
        )
    ]
    return [
        allow(
            "logs",
            "CreateLogGroup DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy "
            "GetDataProtectionPolicy AssociateKmsKey DisassociateKmsKey ListTagsForResource "
            "TagResource UntagResource PutMetricFilter DeleteMetricFilter DescribeMetricFilters",
            *dict.fromkeys(groups),
        ),
        # AWS services deliver logs through these actions, which take no resource.
        allow(
            "logs",
            "DescribeLogGroups DescribeIndexPolicies DescribeResourcePolicies PutResourcePolicy "
            "CreateLogDelivery GetLogDelivery UpdateLogDelivery DeleteLogDelivery "
            "ListLogDeliveries",
            "*",
        ),
    ]


def firewall(place: Place) -> list[Policy]:
    """Return the statements for web ACLs: the API's regional ACL, CloudFront's in us-east-1."""
    regional = place.arn("wafv2", f"regional/webacl/{place.name}-*/*")
    edge = place.arn("wafv2", f"global/webacl/{place.name}-*/*", region=EDGE_REGION)
    managed = (
        place.arn("wafv2", "regional/managedruleset/*/*"),
        place.arn("wafv2", "global/managedruleset/*/*", region=EDGE_REGION),
    )
    stages = f"arn:{place.partition}:apigateway:{place.region}::/restapis/*/stages/*"
    return [
        allow(
            "wafv2",
            "GetWebACL DeleteWebACL ListTagsForResource TagResource UntagResource "
            "GetLoggingConfiguration PutLoggingConfiguration DeleteLoggingConfiguration",
            regional,
            edge,
        ),
        allow("wafv2", "CreateWebACL UpdateWebACL", regional, edge, *managed),
        allow("wafv2", "AssociateWebACL DisassociateWebACL GetWebACLForResource", regional, stages),
    ]


def traces(place: Place) -> list[Policy]:
    rules = place.arn("xray", f"sampling-rule/{place.name}-*")
    return [
        allow(
            "xray",
            "CreateSamplingRule UpdateSamplingRule DeleteSamplingRule TagResource UntagResource "
            "ListTagsForResource",
            rules,
        ),
        allow("xray", "GetSamplingRules", "*"),  # takes no resource
    ]


def bucket(place: Place) -> list[Policy]:
    site = f"arn:{place.partition}:s3:::{place.name}-*-site-*"
    return [
        allow(
            "s3",
            "CreateBucket DeleteBucket GetBucketOwnershipControls PutBucketOwnershipControls "
            "GetBucketPublicAccessBlock PutBucketPublicAccessBlock GetBucketVersioning "
            "PutBucketVersioning GetEncryptionConfiguration PutEncryptionConfiguration "
            "GetLifecycleConfiguration PutLifecycleConfiguration GetBucketTagging PutBucketTagging "
            "GetBucketPolicy PutBucketPolicy DeleteBucketPolicy GetBucketAcl "
            "GetAccelerateConfiguration GetAnalyticsConfiguration GetBucketCORS GetBucketLogging "
            "GetBucketNotification GetBucketObjectLockConfiguration GetBucketWebsite "
            "GetIntelligentTieringConfiguration GetInventoryConfiguration GetMetricsConfiguration "
            "GetReplicationConfiguration GetBucketAbac GetBucketMetadataTableConfiguration "
            "ListTagsForResource TagResource UntagResource ListBucket ListBucketVersions",
            site,
        ),
        allow(
            "s3",
            "GetObject GetObjectVersion PutObject DeleteObject DeleteObjectVersion",
            f"{site}/*",
        ),
    ]


def cloudfront(place: Place) -> list[Policy]:
    """Return the statements for CloudFront, for all its resources of the account.

    CloudFront resources have no names that a policy could match.
    """
    distributions, controls, headers = (
        place.arn("cloudfront", f"{kind}/*", region="")
        for kind in ("distribution", "origin-access-control", "response-headers-policy")
    )
    certificates = place.arn("acm", "certificate/*", region=EDGE_REGION)
    return [
        allow(
            "cloudfront",
            "CreateDistribution CreateOriginAccessControl CreateResponseHeadersPolicy",
            "*",
        ),
        allow(
            "cloudfront",
            "GetDistribution GetDistributionConfig UpdateDistribution DeleteDistribution "
            "ListTagsForResource TagResource UntagResource CreateInvalidation GetInvalidation",
            distributions,
        ),
        allow(
            "cloudfront",
            "GetOriginAccessControl UpdateOriginAccessControl DeleteOriginAccessControl",
            controls,
        ),
        allow(
            "cloudfront",
            "GetResponseHeadersPolicy UpdateResponseHeadersPolicy DeleteResponseHeadersPolicy",
            headers,
        ),
        allow(
            "acm",
            "RequestCertificate",
            "*",
            when={"StringEquals": {"aws:RequestedRegion": EDGE_REGION}},
        ),
        allow(
            "acm",
            "DescribeCertificate DeleteCertificate UpdateCertificateOptions "
            "ListTagsForCertificate AddTagsToCertificate RemoveTagsFromCertificate",
            certificates,
        ),
    ]


def names(place: Place) -> list[Policy]:
    zone = f"arn:{place.partition}:route53:::hostedzone/{place.zone}"
    return [
        allow("route53", "ChangeResourceRecordSets GetHostedZone ListResourceRecordSets", zone),
        allow("route53", "GetChange", f"arn:{place.partition}:route53:::change/*"),
        allow("route53", "ListHostedZones", "*"),
    ]


def watch(place: Place) -> list[Policy]:
    """Return the statements for the alarms, their topic, the dashboard and the budget."""
    name = place.name
    alarms = place.arn("cloudwatch", f"alarm:{name}-*")
    # Target tracking creates these with our permissions, and chooses the names.
    tracking = [
        place.arn("cloudwatch", f"alarm:TargetTracking-{kind}{name}-*")
        for kind in ("table/", "function:")
    ]
    return [
        allow("cloudwatch", "PutMetricAlarm DeleteAlarms", alarms, *tracking),
        allow("cloudwatch", "ListTagsForResource TagResource UntagResource", alarms),
        # Both actions are "scoped to *" for composite alarms, although the service authorization
        # reference lists alarms for them:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        # The gap: the caller can change other applications' composite alarms, and see all alarms.
        allow("cloudwatch", "PutCompositeAlarm DescribeAlarms", "*"),
        allow("cloudwatch", "GetMetricData", "*"),
        allow(
            "cloudwatch",
            "PutDashboard GetDashboard DeleteDashboards ListTagsForResource TagResource "
            "UntagResource",
            place.arn("cloudwatch", f"dashboard/{name}-*", region=""),
        ),
        allow(
            "sns",
            "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe Unsubscribe "
            "ListSubscriptionsByTopic GetSubscriptionAttributes SetSubscriptionAttributes "
            "GetDataProtectionPolicy ListTagsForResource TagResource UntagResource",
            place.arn("sns", f"{name}-*"),
        ),
        allow(
            "budgets",
            "ViewBudget ModifyBudget ListTagsForResource TagResource UntagResource",
            place.arn("budgets", f"budget/{name}-*", region=""),
        ),
    ]
