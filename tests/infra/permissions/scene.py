"""The resources of a stage, as the generated templates and CloudFormation would name them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra.permissions.terms import EDGE_REGION, Place
from infra.stage import Stage
from tests.infra.conftest import expanded, packaged, project_in
from tests.infra.permissions.arns import ACCOUNT, ID, arns_of, own_arn
from tests.infra.permissions.intrinsics import Resolver
from tests.infra.permissions.physical import physical_name
from tests.infra.permissions.reference import schemas
from tools.templates import load

_STACK_ID = "00000000-1111-2222-3333-444444444444"
REGION = "ap-southeast-2"
ZONE = "Z0123456789ABCDEFGHIJ"

#: Where a type has its name, and the longest that its service takes (its API reference says so).
NAMES = {
    "AWS::Backup::BackupPlan": ("BackupPlan.BackupPlanName", 50),
    "AWS::Backup::BackupVault": ("BackupVaultName", 50),
    "AWS::Budgets::Budget": ("Budget.BudgetName", 100),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig.Name", 64),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig.Name", 128),
    "AWS::CloudWatch::Alarm": ("AlarmName", 255),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName", 255),
    "AWS::CloudWatch::Dashboard": ("DashboardName", 255),
    "AWS::CodeDeploy::Application": ("ApplicationName", 100),
    "AWS::CodeDeploy::DeploymentGroup": ("DeploymentGroupName", 100),
    "AWS::Cognito::UserPool": ("UserPoolName", 128),
    "AWS::Cognito::UserPoolDomain": ("Domain", 63),
    "AWS::DynamoDB::Table": ("TableName", 255),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::Lambda::Function": ("FunctionName", 64),
    "AWS::Logs::LogGroup": ("LogGroupName", 512),
    "AWS::S3::Bucket": ("BucketName", 63),
    "AWS::SNS::Topic": ("TopicName", 256),
    "AWS::WAFv2::WebACL": ("Name", 128),
}
#: The types of which `Ref` is the ARN.
_REF_IS_ARN = {
    "AWS::CertificateManager::Certificate",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::SNS::Topic",
}
#: Conditions that never hold on AWS in a release. All others do, so that every resource is there.
_OFF = {
    "Local",  # the local cloud's
    "Restored",  # ops/switch.py's, by a person
}


@dataclass(frozen=True)
class Resource:
    """A resource of a stack, with its properties worked out. `name` is "" if AWS names it."""

    stack: str
    region: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    update_policy: Mapping[str, Any]
    is_retained: bool
    name: str

    def arns(self) -> dict[str, str]:
        """Return its ARNs and those that its handlers use, by the reference's resource type."""
        return arns_of(self.type, self.region, self.name, self.properties, self.update_policy)

    def tag(self, key: str) -> str | None:
        tags = self.properties.get("Tags", self.properties.get("UserPoolTags", {}))
        if isinstance(tags, list):
            tags = {each["Key"]: each["Value"] for each in tags}
        value: str | None = tags.get(key)
        return value


class Stack:
    """A stack of a stage: the resources of its template, whose references it follows."""

    def __init__(
        self,
        name: str,
        region: str,
        template: Mapping[str, Any],
        parameters: Mapping[str, str],
    ) -> None:
        self.name, self.region = name, region
        self.arn = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}/{_STACK_ID}"
        self._resources: Mapping[str, Any] = template["Resources"]
        self._parameters = {
            **{key: each.get("Default") for key, each in template["Parameters"].items()},
            **parameters,
        }
        self.resolve = Resolver(self._ref, self._attribute, lambda name: name not in _OFF)

    def resources(self) -> Iterator[Resource]:
        for logical_id, declared in self._resources.items():
            yield Resource(
                stack=self.name,
                region=self.region,
                logical_id=logical_id,
                type=declared["Type"],
                properties=self.resolve(declared.get("Properties", {})),
                update_policy=self.resolve(declared.get("UpdatePolicy", {})),
                is_retained=declared.get("DeletionPolicy") == "Retain"
                and declared.get("UpdateReplacePolicy", "Retain") == "Retain",
                name=self._name(logical_id),
            )

    def _name(self, logical_id: str) -> str:
        """Return the name from the template or CloudFormation, "" if AWS generates an id."""
        declared = self._resources[logical_id]
        if declared["Type"] not in NAMES:
            return ""
        path, longest = NAMES[declared["Type"]]
        value: Any = declared.get("Properties", {})
        for key in path.split("."):
            value = value.get(key, {})
        if value:
            return str(self.resolve(value))
        name = physical_name(self.name, logical_id, longest)
        return name.lower() if declared["Type"] == "AWS::S3::Bucket" else name

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::StackName": self.name,
            "AWS::StackId": self.arn,
            "AWS::Region": self.region,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
        }
        if name in pseudo:
            return pseudo[name]
        if name in self._parameters:
            return self._parameters[name]
        type = self._resources[name]["Type"]
        if type in _REF_IS_ARN:
            return self._attribute(name, "Arn")
        has_name = type in NAMES and NAMES[type][0] == schemas()[type].identifier[-1]
        return self._name(name) if has_name else ID

    def _attribute(self, logical_id: str, attribute: str) -> str:
        declared = self._resources[logical_id]
        if attribute.endswith("Arn"):
            properties = declared.get("Properties", {})
            if declared["Type"].startswith("AWS::Lambda::"):  # an alias's, of another's name
                properties = self.resolve(properties)
            return own_arn(declared["Type"], self.region, self._name(logical_id), properties)
        return f"{logical_id.lower()}-{attribute.lower()}"


@cache
def _read(part: str) -> dict[str, Any]:
    return load(f"{part}.yaml")


class Scene:
    """The stage `stage` of an application `app`. With `is_full`, all options are on."""

    def __init__(self, app: str, stage: str, directory: Path, is_full: bool = True) -> None:
        self.app, self.stage = app, stage
        self.function_name = f"{app}-{stage}"
        account = f"{app}-account"
        self.place = Place(
            partition="aws",
            region=REGION,
            account=ACCOUNT,
            name=app,
            artefacts=f"arn:aws:s3:::{physical_name(account, 'Artefacts', 63).lower()}",
            boundary=f"arn:aws:iam::{ACCOUNT}:policy/{physical_name(account, 'Boundary', 128)}",
            zone=ZONE,
        )
        self.stacks = list(self._stacks(directory, is_full))
        self.resources = [each for stack in self.stacks for each in stack.resources()]

    def _stacks(self, directory: Path, is_full: bool) -> Iterator[Stack]:
        secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{self.app}"
        given = {
            "FunctionName": self.function_name,
            "BoundaryArn": self.place.boundary,
            "OriginSecretArn": f"{secret}-{ID}",
            "OtherOriginSecretArn": f"{secret}-other-{ID}",
            "SesIdentityArn": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com",
            "MailFrom": "items@example.com",
            "UserPoolId": ID,
            "RestApiId": ID,
            "DomainName": "items.example.com",
            "HostedZoneId": ZONE,
        }
        templates = {
            **{part: _read(part) for part in ("data", "monitoring", "edge", "site")},
            "api": self._api(directory, is_full),
        }
        for part, template in templates.items():
            region = EDGE_REGION if part == "edge" else REGION
            parameters = {key: each for key, each in given.items() if key in template["Parameters"]}
            yield Stack(f"{self.function_name}-{part}", region, template, parameters)

    def _api(self, directory: Path, is_full: bool) -> dict[str, Any]:
        """Return the API's template after SAM's transform."""
        file = project_in(directory, "prod").config_file
        config = json.loads(file.read_text())
        settings: dict[str, Any] = {"iam_policy_file": "policy.json", "environment_variables": {}}
        if is_full:
            settings["provisioned_concurrency"] = 2
            settings["provisioned_concurrency_schedule"] = [
                {"schedule": "cron(0 8 ? * MON-FRI *)", "min": 2, "max": 5}
            ]
        config |= {"app_name": self.app, "stages": {self.stage: settings}}
        file.write_text(json.dumps(config))
        template = packaged(Stage.load(file.parent.parent, self.stage))
        bucket = self.place.artefacts.rpartition(":")[2]
        code = {"Bucket": bucket, "Key": f"{self.function_name}/{ID}.zip"}
        template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = code
        return {**template, "Resources": expanded(template)}
