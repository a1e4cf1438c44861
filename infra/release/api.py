"""Package the API with Chalice and deploy it through CloudFormation.

Every deployment publishes a version of the function and points the alias `live` at it. Callers
invoke only that alias. Therefore a canary can shift traffic, and a rollback is one call.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from infra.aws import AWS, Capabilities, ClientOf
from infra.cloudformation.stack import Stack
from infra.errors import Refused
from infra.function.alias import Live
from infra.function.package import package
from infra.function.settings import check_reserved, function_settings
from infra.function.template import set_code
from infra.stage import Stage
from tools.progress import Report, silent

if TYPE_CHECKING:
    from types_boto3_codedeploy import CodeDeployClient
    from types_boto3_codedeploy.literals import DeploymentStatusType
    from types_boto3_s3 import S3Client

_UNDER_WAY: "list[DeploymentStatusType]" = ["Created", "Queued", "InProgress", "Ready"]


class Built(NamedTuple):
    """The template, and the zip that it references by `key` in the artifact bucket."""

    template: str
    zipped: Path
    key: str


def build(stage: Stage, out: Path, bucket: str, target: Capabilities = AWS) -> Built:
    """Package the stage in `out`. Raises `DeploymentFailed`."""
    template_file, zipped = package(stage, out, target)
    key = f"{stage.function_name}/{hashlib.sha256(zipped.read_bytes()).hexdigest()}.zip"
    template = json.loads(template_file.read_text())
    set_code(template, bucket, key)
    return Built(json.dumps(template, separators=(",", ":")), zipped, key)


def deploy(
    stage: Stage,
    out: Path,
    client_of: ClientOf,
    bucket: str,
    parameters: Mapping[str, str],
    report: Report = print,
    target: Capabilities = AWS,
) -> dict[str, str]:
    """Package the stage, upload it to `bucket`, deploy its stack, and return the outputs."""
    built = build(stage, out, bucket, target)
    client_of("s3").put_object(Bucket=bucket, Key=built.key, Body=built.zipped.read_bytes())
    stack = stack_of(stage, client_of, bucket, report)
    check_settings(stage, stack, parameters, target)
    outputs = stack.deploy(built.template, parameters)
    # After a rollback, CloudFormation sees no change from the version that it last made live.
    live = Live(client_of("lambda"), stage.function_name)
    if live.version() != outputs["LiveVersion"]:
        live.point_at(outputs["LiveVersion"])
    report(f"{stage.function_name}: version {outputs['LiveVersion']} is live")
    return outputs


def stop(stage: Stage, client_of: ClientOf) -> str:
    """Stop a release in progress. Return the stopped deployment or update, or "".

    Raises `Refused` while the stack is in a change that cannot be stopped.
    """
    formation, codedeploy = client_of("cloudformation"), client_of("codedeploy")
    stack = Stack(formation, stage.stack_name("api"), silent)
    status = stack.status()
    if not status.endswith("_IN_PROGRESS"):
        return ""
    deployments = _deployments(stack, codedeploy)
    for deployment in deployments:
        codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
    if deployments:
        return f"deployment {', '.join(deployments)}"
    if status == "UPDATE_IN_PROGRESS":  # the canary has not begun
        formation.cancel_update_stack(StackName=stack.name)
        return f"the update of {stack.name}"
    raise Refused(f"{stack.name} is at {status}: run the command again when this change ends")


def _deployments(stack: Stack, codedeploy: "CodeDeployClient") -> list[str]:
    """Return the ids of the stack's CodeDeploy deployments in progress."""
    application = stack.physical_id("ServerlessDeploymentApplication")
    group = stack.physical_id("APIHandlerDeploymentGroup")
    if not application or not group:
        return []
    return codedeploy.list_deployments(
        applicationName=application, deploymentGroupName=group, includeOnlyStatuses=_UNDER_WAY
    )["deployments"]


def stack_of(
    stage: Stage,
    client_of: ClientOf,
    bucket: str,
    report: Report = silent,
) -> Stack:
    """Return the API's stack. It uploads a template that is too large for a request to `bucket`."""
    store = partial(_store, client_of("s3"), bucket, stage.function_name)
    name = stage.stack_name("api")
    # Otherwise a version that its canary rejects would remain, and could not be released again.
    return Stack(client_of("cloudformation"), name, report, store, delete_new=True)


def check_settings(
    stage: Stage,
    stack: Stack,
    parameters: Mapping[str, str],
    target: Capabilities = AWS,
) -> None:
    """Raise `DeploymentFailed` if settings of the stage and parameters contradict each other."""
    reserved = {"ReservedConcurrency": "-1", **stack.parameters(), **parameters}
    settings = function_settings(stage, target)
    check_reserved(stage, settings, int(reserved["ReservedConcurrency"]))


def _store(storage: "S3Client", bucket: str, name: str, template: str) -> str:
    """Upload a template beside the packages, and return its URL."""
    body = template.encode()
    key = f"{name}/{hashlib.sha256(body).hexdigest()}.json"
    storage.put_object(Bucket=bucket, Key=key, Body=body)
    # The SDK knows a bucket's URL in each region. CloudFormation reads it with the caller's
    # permissions, and accepts no signature.
    signed = storage.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
    return urlsplit(signed)._replace(query="").geturl()
