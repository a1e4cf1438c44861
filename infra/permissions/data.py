"""The deployer's policies for what holds data: its making and settings, never its content."""

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
        # A pool's ARN has an id that AWS makes up, so these are all pools of the account; but
        # whoever is in one of them cannot be seen.
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
        # A user for as long as `make smoke` takes. Our pools are told by their tag `application`.
        # The gap: who knows an address can set a password there, which no policy can limit to users
        # of one's own; and tag another pool, as with the keys.
        allow(
            "cognito-idp",
            "AdminCreateUser AdminSetUserPassword AdminDeleteUser",
            pools,
            when={"StringLike": {"aws:ResourceTag/application": f"{place.name}-*"}},
        ),
    ]


def keys(place: Place) -> list[Policy]:
    """A key's id is made up by AWS; ours are told by their tag `application`.

    The gap: whoever may tag a new key may tag another one, and then change it, unless that one's
    own policy does not let IAM decide.
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
        # For what a table and a vault do with their key; nothing of these can be called by itself.
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
        # A plan's id is made up by AWS.
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
        # A target's ARN has an id that AWS makes up.
        allow(
            "application-autoscaling",
            "RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy "
            "PutScheduledAction DeleteScheduledAction",
            targets,
            when={"StringEquals": ours},
        ),
        allow("application-autoscaling", "ListTagsForResource TagResource UntagResource", targets),
    ]
