"""Package the API with Chalice and deploy it through CloudFormation.

Every deployment publishes a version of the function and points the alias `live` at it, and nothing
but that alias is ever invoked: so a canary can shift traffic, and a rollback is one call.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from infra.aws import AWS, Capabilities
from infra.cloudformation.stack import Stack
from infra.function.alias import Live
from infra.function.package import package
from infra.function.settings import check_reserved, function_settings
from infra.stage import Stage
from tools.progress import Report


class Built(NamedTuple):
    """The template, and the zip that it looks for under `key` in the bucket it was built for."""

    template: str
    zipped: Path
    key: str


def build(stage: Stage, out: Path, bucket: str, target: Capabilities = AWS) -> Built:
    """Package the stage in `out`. Raises `DeploymentFailed`."""
    template_file, zipped = package(stage, out, target)
    key = f"{stage.function_name}/{hashlib.sha256(zipped.read_bytes()).hexdigest()}.zip"
    template = json.loads(template_file.read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    return Built(json.dumps(template, separators=(",", ":")), zipped, key)


def deploy(
    stage: Stage,
    out: Path,
    clients: dict[str, Any],
    bucket: str,
    parameters: Mapping[str, str],
    report: Report = print,
    target: Capabilities = AWS,
) -> dict[str, str]:
    """Package the stage, upload it to `bucket`, deploy the stack, and return the stack's outputs.

    `clients` holds boto3 clients named "s3", "cloudformation" and "lambda".
    """
    built = build(stage, out, bucket, target)
    clients["s3"].put_object(Bucket=bucket, Key=built.key, Body=built.zipped.read_bytes())
    stack = stack_of(stage, clients["cloudformation"], clients["s3"], bucket, report)
    check_settings(stage, stack, parameters, target)
    outputs = stack.deploy(built.template, parameters)
    # After a rollback, CloudFormation sees no change in the version that it last made live.
    live = Live(clients["lambda"], stage.function_name)
    if live.version() != outputs["LiveVersion"]:
        live.point_at(outputs["LiveVersion"])
    report(f"{stage.function_name}: version {outputs['LiveVersion']} is live")
    return outputs


def stack_of(
    stage: Stage,
    formation: Any,
    storage: Any,
    bucket: str,
    report: Report,
    poll_seconds: float = 2.0,
) -> Stack:
    """Return the API's stack. A template that is too large for a request is put into `bucket`."""
    store = partial(_store, storage, bucket, stage.function_name)
    return Stack(formation, stage.stack_name("api"), report, poll_seconds, store)


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


def _store(storage: Any, bucket: str, name: str, template: str) -> str:
    """Put a template beside the packages; where it is."""
    body = template.encode()
    key = f"{name}/{hashlib.sha256(body).hexdigest()}.json"
    storage.put_object(Bucket=bucket, Key=key, Body=body)
    # The SDK knows how a bucket is addressed in each region; CloudFormation reads it with the
    # rights of whoever asks, and wants no signature.
    signed: str = storage.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key}
    )
    return urlsplit(signed)._replace(query="").geturl()
