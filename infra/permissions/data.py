"""The deployer's policies for data resources: creation and settings, never the content."""

from infra.permissions.terms import Place, Policy, allow, key_services


def table_and_users(place: Place) -> list[Policy]:
    pools = place.arn("cognito-idp", "userpool/*")
    return [
        allow(
            "dynamodb",
            "CreateTable UpdateTable DescribeTable DescribeContinuousBackups "
            "UpdateContinuousBackups DescribeContributorInsights UpdateContributorInsights "
            "DescribeTimeToLive DescribeKinesisStreamingDestination GetResourcePolicy "
            "ListTagsOfResource TagResource UntagResource",
            place.arn("dynamodb", f"table/{place.name}-*-data-*"),
        ),
        allow("cognito-idp", "CreateUserPool DescribeUserPoolDomain", "*"),
        # A pool's ARN has an id that AWS generates, so this covers all pools of the account. It
        # gives no read access to the users in a pool.
        allow(
            "cognito-idp",
            "DescribeUserPool UpdateUserPool GetUserPoolMfaConfig SetUserPoolMfaConfig "
            "ListTagsForResource TagResource UntagResource "
            "CreateResourceServer DescribeResourceServer UpdateResourceServer DeleteResourceServer "
            "CreateUserPoolDomain UpdateUserPoolDomain DeleteUserPoolDomain "
            "CreateUserPoolClient DescribeUserPoolClient UpdateUserPoolClient DeleteUserPoolClient "
            "ListUserPoolClientSecrets CreateManagedLoginBranding DescribeManagedLoginBranding "
            "DescribeManagedLoginBrandingByClient UpdateManagedLoginBranding "
            "DeleteManagedLoginBranding",
            pools,
        ),
        # `make smoke` creates a user and deletes it. The tag `application` identifies our pools.
        # The gap: a caller who knows a user's address can set that user's password. No policy can
        # limit this to users that the caller created. The caller can also tag another pool, as with
        # the keys.
        allow(
            "cognito-idp",
            "AdminCreateUser AdminSetUserPassword AdminDeleteUser",
            pools,
            when={"StringLike": {"aws:ResourceTag/application": f"{place.name}-*"}},
        ),
    ]


def keys(place: Place) -> list[Policy]:
    """Return the statements for KMS keys, limited by the tag `application`.

    AWS generates a key's id, so the tag identifies our keys. The gap: a caller who may tag a new
    key may tag any other key, and then change it. Only a key policy that does not delegate to IAM
    prevents this.
    """
    keys = place.arn("kms", "key/*")
    made = {"StringLike": {"aws:RequestTag/application": f"{place.name}-*"}}
    ours = {"StringLike": {"aws:ResourceTag/application": f"{place.name}-*"}}
    return [
        allow("kms", "CreateKey", "*", when=made),
        allow("kms", "TagResource", keys, when=made),
        allow(
            "kms",
            "DescribeKey GetKeyPolicy PutKeyPolicy GetKeyRotationStatus EnableKeyRotation "
            "DisableKeyRotation UpdateKeyDescription ListResourceTags UntagResource",
            keys,
            when=ours,
        ),
        # DynamoDB and AWS Backup need these for a table's and a vault's key. The caller cannot call
        # them directly.
        allow(
            "kms",
            "CreateGrant RetireGrant RevokeGrant DescribeKey Encrypt Decrypt GenerateDataKey "
            "GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo",
            keys,
            when=key_services(place),
        ),
    ]


def backups(place: Place) -> list[Policy]:
    return [
        allow("backup-storage", "MountCapsule", "*"),
        allow(
            "backup",
            "CreateBackupVault DescribeBackupVault GetBackupVaultAccessPolicy "
            "GetBackupVaultNotifications ListTags TagResource UntagResource",
            place.arn("backup", f"backup-vault:{place.name}-*"),
        ),
        # AWS generates a plan's id.
        allow(
            "backup",
            "CreateBackupPlan GetBackupPlan UpdateBackupPlan DeleteBackupPlan "
            "CreateBackupSelection GetBackupSelection DeleteBackupSelection ListTags TagResource "
            "UntagResource",
            place.arn("backup", "backup-plan:*"),
        ),
    ]


def scaling(place: Place) -> list[Policy]:
    targets = place.arn("application-autoscaling", "scalable-target/*")
    ours = {"application-autoscaling:service-namespace": ["dynamodb", "lambda"]}
    return [
        allow(
            "application-autoscaling",
            "DescribeScalableTargets DescribeScalingPolicies DescribeScheduledActions",
            "*",
        ),
        # A target's ARN has an id that AWS generates.
        allow(
            "application-autoscaling",
            "RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy "
            "PutScheduledAction DeleteScheduledAction",
            targets,
            when={"StringEquals": ours},
        ),
        allow("application-autoscaling", "ListTagsForResource TagResource UntagResource", targets),
    ]
