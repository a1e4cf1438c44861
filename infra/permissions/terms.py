"""The terms of the deployer's policies: a place, and the statements that allow actions there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Policy = dict[str, Any]
Condition = Mapping[str, Mapping[str, Any]]

#: The region of CloudFront's certificate and firewall, for a stage in any region.
EDGE_REGION = "us-east-1"


@dataclass(frozen=True)
class Place:
    """The deployment's target. Each value may be an Fn::Sub reference, such as `${AWS::Region}`."""

    partition: str
    region: str
    account: str
    #: The application's name, the prefix of every resource name.
    name: str
    #: The bucket for packages and the roles' permissions boundary, by ARN.
    artefacts: str
    boundary: str
    #: The id of the Route 53 zone with the site's name, empty without a zone.
    zone: str = ""

    def arn(self, service: str, rest: str, region: str | None = None) -> str:
        where = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{where}:{self.account}:{rest}"

    def role(self, name: str) -> str:
        return self.arn("iam", f"role/{name}", region="")


def allow(service: str, actions: str, *resources: str, when: Condition | None = None) -> Policy:
    statement: Policy = {
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in actions.split()],
        "Resource": list(resources),
    }
    return statement | ({"Condition": when} if when else {})


def equals(key: str, value: str | list[str]) -> Condition:
    """Return the condition that the context key `key` has the value, or one of the values."""
    return {"StringEquals": {key: value}}


def key_services(place: Place) -> Condition:
    """Return the condition that DynamoDB or AWS Backup uses the key, instead of the caller."""
    services = [f"{name}.{place.region}.amazonaws.com" for name in ("dynamodb", "backup")]
    return equals("kms:ViaService", services)
