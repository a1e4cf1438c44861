"""The terms in which the deployer's policies are written: a place, and what is allowed there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Policy = dict[str, Any]
Condition = Mapping[str, Mapping[str, Any]]

#: Where CloudFront's certificate and firewall are, whatever the region of the rest.
EDGE_REGION = "us-east-1"


@dataclass(frozen=True)
class Place:
    """Where is deployed to. Each may be a reference for Fn::Sub, such as `${AWS::Region}`."""

    partition: str
    region: str
    account: str
    #: The application's name, with which everything's begins.
    name: str
    #: The bucket for packages and the roles' permissions boundary, by ARN.
    artefacts: str
    boundary: str
    #: The Route 53 zone with the site's name, by id; none if empty.
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
    """Return the condition that DynamoDB or AWS Backup uses the key, not the caller itself."""
    services = [f"{name}.{place.region}.amazonaws.com" for name in ("dynamodb", "backup")]
    return equals("kms:ViaService", services)
