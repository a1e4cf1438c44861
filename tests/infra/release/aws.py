"""Lambda, CloudFormation, CodeDeploy and S3 for a release, as AWS documents them.

Sources: Lambda's "function versions" (identical code publishes no version), CloudFormation's
`CodeDeployLambdaAliasUpdate` and `RetainExceptOnCreate`, CodeDeploy's AppSpec (`CurrentVersion`)
and its "Monitoring deployments with CloudWatch alarms".
"""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.clients import client_error
from tests.infra.conftest import expanded

STACK = "items-prod-api"
ALIAS = "APIHandlerAliaslive"


class _Exceptions:
    """boto3's exceptions of a client, which are classes of `ClientError`."""

    class ResourceNotFoundException(ClientError):
        pass

    class PreconditionFailedException(ClientError):
        pass

    @classmethod
    def make(cls, name: str) -> ClientError:
        kind = getattr(cls, name)
        error: ClientError = kind({"Error": {"Code": name, "Message": "no"}}, "x")
        return error


class Storage:
    """S3, with conditional writes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - AWS's names
        if Key not in self.objects:
            raise client_error("NoSuchKey")
        body = self.objects[Key]
        return {"Body": io.BytesIO(body), "ETag": hashlib.md5(body).hexdigest()}  # noqa: S324 - S3's

    def put_object(self, Bucket: str, Key: str, Body: bytes, **more: str) -> None:  # noqa: N803 - AWS's names
        etag = self.get_object(Bucket, Key)["ETag"] if Key in self.objects else None
        if more.get("IfMatch", etag) != etag or (more.get("IfNoneMatch") and etag):
            raise client_error("PreconditionFailed")
        self.objects[Key] = Body


class Functions:
    """Lambda with one function. `broken` has the packages whose requests fail."""

    exceptions = _Exceptions

    def __init__(self) -> None:
        self.runtime = ""
        #: Code and description by version. "" is $LATEST.
        self.published: dict[str, tuple[str, str]] = {}
        self.latest = ("", "")
        self.alias = ""
        self.revision = 0
        self.canary = ""
        self.broken: set[str] = set()
        self.failing_calls = 0
        self._number = 0
        self._calls = 0

    def publish(self) -> str:
        """Publish $LATEST, unless it equals the newest version."""
        newest = max(self.published, key=int, default="")
        if newest and self.published[newest] == self.latest:
            raise client_error("AlreadyExists", "A version for this Lambda function exists")
        self._number += 1
        self.published[str(self._number)] = self.latest
        return str(self._number)

    def works(self, version: str) -> bool:
        key = self.published[version][0]
        return not any(hashlib.sha256(code.encode()).hexdigest() in key for code in self.broken)

    def get_function_configuration(self, FunctionName: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        if not self.runtime:
            raise _Exceptions.make("ResourceNotFoundException")
        return {"Runtime": self.runtime}

    def get_alias(self, FunctionName: str, Name: str) -> dict[str, str]:  # noqa: N803 - AWS's names
        if not self.alias:
            raise _Exceptions.make("ResourceNotFoundException")
        return {"FunctionVersion": self.alias, "RevisionId": str(self.revision)}

    def update_alias(self, FunctionVersion: str, RevisionId: str, **_: Any) -> None:  # noqa: N803 - AWS's names
        if RevisionId != str(self.revision):
            raise _Exceptions.make("PreconditionFailedException")
        if FunctionVersion not in self.published:
            raise _Exceptions.make("ResourceNotFoundException")
        self.move(FunctionVersion)

    def move(self, version: str) -> None:
        self.alias, self.canary, self.revision = version, "", self.revision + 1

    def invoke(self, Payload: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if self.failing_calls:
            self.failing_calls -= 1
            raise client_error("TooManyRequestsException")
        if not self.alias:
            raise _Exceptions.make("ResourceNotFoundException")
        self._calls += 1
        version = self.canary if self.canary and self._calls % 2 else self.alias
        status = 200 if self.works(version) else 500
        body = io.BytesIO(json.dumps({"statusCode": status}).encode())
        return {"ExecutedVersion": version, "Payload": body}

    def get_paginator(self, operation: str) -> "Functions":
        assert operation == "list_versions_by_function"
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"Versions": [{"Version": each} for each in ["$LATEST", *self.published]]}


class CodeDeploy:
    def __init__(self) -> None:
        self.under_way: list[str] = []
        self.stopped: list[str] = []

    def list_deployments(self, **_: Any) -> dict[str, list[str]]:
        return {"deployments": self.under_way}

    def stop_deployment(self, deploymentId: str, autoRollbackEnabled: bool) -> None:  # noqa: N803 - AWS's names
        assert autoRollbackEnabled
        self.stopped.append(deploymentId)


@dataclass
class Formation:
    """CloudFormation with the API's stack. It deploys at once, or fails and rolls back."""

    functions: Functions
    status: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    cancelled: bool = False
    #: The logical ids of the alarms that are on.
    on: set[str] = field(default_factory=set)
    _resources: dict[str, Any] = field(default_factory=dict)
    _parameters: dict[str, str] = field(default_factory=dict)
    _version: str = ""

    def resources(self) -> dict[str, Any]:
        return self._resources

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if not self.status:
            raise client_error("ValidationError", f"Stack with id {StackName} does not exist")
        outputs = {"LiveVersion": self._version, "EndpointURL": "https://x.invalid"}
        stack = {
            "StackId": STACK,
            "StackStatus": self.status,
            "Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items() if v],
            "Parameters": [
                {"ParameterKey": k, "ParameterValue": v} for k, v in self._parameters.items()
            ],
        }
        return {"Stacks": [stack]}

    def create_stack(self, **request: Any) -> dict[str, str]:
        assert request["OnFailure"] == "DELETE"
        return self._deploy(request, "CREATE")

    def update_stack(self, **request: Any) -> dict[str, str]:
        return self._deploy(request, "UPDATE")

    def cancel_update_stack(self, StackName: str) -> None:  # noqa: N803 - AWS's name
        assert self.status == "UPDATE_IN_PROGRESS"
        self.cancelled = True

    def get_template_summary(self, TemplateBody: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        names = json.loads(TemplateBody)["Parameters"]
        return {"Parameters": [{"ParameterKey": name} for name in names]}

    def describe_stack_resource(self, LogicalResourceId: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        if LogicalResourceId not in self._resources:
            raise client_error("ValidationError", "Resource does not exist for stack")
        return {"StackResourceDetail": {"PhysicalResourceId": f"its-{LogicalResourceId}"}}

    def get_paginator(self, operation: str) -> "Formation":
        assert operation == "describe_stack_events"
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"StackEvents": list(self.events)}

    def _deploy(self, request: dict[str, Any], verb: str) -> dict[str, str]:
        given = {
            each["ParameterKey"]: self._parameters[each["ParameterKey"]]
            if each.get("UsePreviousValue")
            else each["ParameterValue"]
            for each in request["Parameters"]
        }
        template = json.loads(request["TemplateBody"])
        resources = expanded(template)
        parameters = {
            name: given.get(name, declared.get("Default"))
            for name, declared in template["Parameters"].items()
        }
        if resources == self._resources and parameters == self._parameters:
            raise client_error("ValidationError", "No updates are to be performed.")
        before = (self.functions.latest, set(self.functions.published))
        try:
            version = self._functions(resources)
            self._shift(resources, version)
        except ClientError as error:
            self.functions.latest = before[0]
            if request["RetainExceptOnCreate"]:
                for name in set(self.functions.published) - before[1]:
                    del self.functions.published[name]
            self._fail(ALIAS, str(error))
            self.status = "UPDATE_ROLLBACK_COMPLETE" if verb == "UPDATE" else ""
            return {"StackId": STACK}
        self._resources, self._parameters, self._version = resources, parameters, version
        self.status = f"{verb}_COMPLETE"
        return {"StackId": STACK}

    def _functions(self, resources: dict[str, Any]) -> str:
        """Update the function, and publish a version if the template has a new one."""
        properties = resources["APIHandler"]["Properties"]
        self.functions.runtime = properties["Runtime"]
        self.functions.latest = (properties["Code"]["S3Key"], properties.get("Description", ""))
        if _version_of(resources) in self._resources:
            return self._version
        return self.functions.publish()

    def _shift(self, resources: dict[str, Any], version: str) -> None:
        """Point the alias at the version, through CodeDeploy if the alias says so."""
        functions, alias = self.functions, resources[ALIAS]
        if version == self._version and functions.alias:
            return  # to CloudFormation, the alias does not change
        if functions.alias and "UpdatePolicy" in alias:
            alarms = {name for name in resources if name.startswith("Canary")}
            if self.on & alarms:
                raise client_error("AlarmActive", "One or more alarms have been activated")
            if functions.alias != self._version:
                raise client_error("InvalidAlias", "the alias does not match the current version")
            functions.canary = version
            if not functions.works(version):
                functions.canary = ""
                raise client_error("AlarmActive", "One or more alarms have been activated")
        functions.move(version)

    def _fail(self, logical_id: str, reason: str) -> None:
        self.events.append(
            {
                "EventId": str(len(self.events)),
                "StackName": STACK,
                "LogicalResourceId": logical_id,
                "ResourceStatus": "UPDATE_FAILED",
                "ResourceStatusReason": reason,
                "Timestamp": datetime.now(UTC),
            }
        )


def _version_of(resources: dict[str, Any]) -> str:
    [name] = (n for n, each in resources.items() if each["Type"] == "AWS::Lambda::Version")
    return str(name)
