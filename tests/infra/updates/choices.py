"""The values that each parameter and each setting is flipped to."""

from collections.abc import Mapping
from typing import Any

from tests.infra.permissions.arns import ACCOUNT
from tests.infra.permissions.scene import REGION, ZONE

_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:items"
_IDENTITY = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity"
_CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate"
_WEB_ACL = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl"

#: Two values of each text. Numbers and lists of allowed values have theirs in the template.
TEXTS: dict[str, tuple[str, str]] = {
    "AccessLogBucket": ("a.s3.amazonaws.com", "b.s3.amazonaws.com"),
    "AlarmEmail": ("a@example.com", "b@example.com"),
    "BoundaryArn": (f"arn:aws:iam::{ACCOUNT}:policy/a", f"arn:aws:iam::{ACCOUNT}:policy/b"),
    "BudgetEmail": ("a@example.com", "b@example.com"),
    "CertificateArn": (f"{_CERTIFICATE}/a", f"{_CERTIFICATE}/b"),
    "DevelopmentUrl": ("http://localhost:1/", "http://localhost:2/"),
    "DistributionId": ("A", "B"),
    "DomainName": ("a.example.com", "b.example.com"),
    "GbSecondUsd": ("0.0000133335", "0.0000133336"),
    "HostedZoneId": (ZONE, f"{ZONE}B"),
    "IndexName": ("by_owner", "other"),
    "MailFrom": ("a@example.com", "b@example.com"),
    "SesIdentityArn": (f"{_IDENTITY}/a.example.com", f"{_IDENTITY}/b.example.com"),
    "OriginSecretArn": (f"{_SECRET}-a", f"{_SECRET}-b"),
    "OtherOriginSecretArn": (f"{_SECRET}-c", f"{_SECRET}-d"),
    "TableInUse": ("items-prod-data-A-restored-1", "items-prod-data-A-restored-2"),
    "WebAclArn": (f"{_WEB_ACL}/a/1", f"{_WEB_ACL}/b/2"),
    "WebAclName": ("a", "b"),
}
#: Parameters that no person sets, with the reason.
NOT_FLIPPED = {
    "AppName": "another name is another application",
    "FunctionName": "another name is another stage",
    "ApiName": "it follows from the stage",
    "TableName": "it follows from TableInUse",
    "UserPoolId": "it follows from the data stack",
    "LoginUrl": "it follows from the data stack",
    "RestApiId": "it follows from the API's stack",
    "ApiPath": "it follows from the gateway's stage",
    "LocalPort": "it is the local cloud's",
}
#: The settings of a version in `.chalice/config.json`. One of each is a release.
SETTINGS: dict[str, Mapping[str, Any]] = {
    "memory": {"lambda_memory_size": 2048},
    "timeout": {"lambda_timeout": 20},
    "architecture": {"lambda_architecture": "x86_64"},
    "provisioned": {"provisioned_concurrency": 2},
    "schedule": {
        "provisioned_concurrency": 2,
        "provisioned_concurrency_schedule": [
            {"schedule": "cron(0 8 ? * MON-FRI *)", "min": 2, "max": 5}
        ],
    },
    "gateway_stage": {"api_gateway_stage": "v2"},
    "variable": {"environment_variables": {"EXAMPLE": "1"}},
}


def values(name: str, declared: Mapping[str, Any]) -> list[str]:
    """Return other values than the default. Raises `KeyError` for a text without samples."""
    default = str(declared.get("Default", ""))
    if "AllowedValues" in declared:
        found = [str(each) for each in declared["AllowedValues"]]
    elif declared["Type"] == "Number" and "." in default:
        found = [str(declared["MinValue"]), str(declared["MaxValue"])]
    elif declared["Type"] == "Number":
        step = -1 if default == str(declared.get("MaxValue")) else 1
        found = [str(int(default) + step * n) for n in (1, 2)]
    else:
        found = list(TEXTS[name])
    return [each for each in found if each != default]
