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

from infra.cloudformation.stack import Report, Stack
from infra.function.alias import Live
from infra.function.package import package
from infra.function.settings import check_reserved, function_settings
from infra.stage import Stage


class Built(NamedTuple):
    """The template, and the zip that it looks for under `key` in the bucket it was built for."""

    template: str
    zipped: Path
    key: str


def build(stage: Stage, out: Path, bucket: str) -> Built:
    """Package the stage in `out`. Raises `DeploymentFailed`."""
    template_file, zipped = package(stage, out)
    key = f"{stage.function_name()}/{hashlib.sha256(zipped.read_bytes()).hexdigest()}.zip"
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
) -> dict[str, str]:
    """Package the stage, upload it to `bucket`, deploy the stack; the stack's outputs.

    `clients` holds boto3 clients named "s3", "cloudformation" and "lambda".
    """
    built = build(stage, out, bucket)
    clients["s3"].put_object(Bucket=bucket, Key=built.key, Body=built.zipped.read_bytes())
    outputs = bring(stage, built, clients, bucket, parameters, report)
    # After a rollback, CloudFormation sees no change in the version that it last made live.
    live = Live(clients["lambda"], stage.function_name())
    if live.version() != outputs["LiveVersion"]:
        live.point_at(outputs["LiveVersion"])
    report(f"{stage.function_name()}: version {outputs['LiveVersion']} is live")
    return outputs


def bring(
    stage: Stage,
    built: Built,
    clients: Mapping[str, Any],
    bucket: str,
    parameters: Mapping[str, str],
    report: Report,
) -> dict[str, str]:
    """Bring the stack to what was built, and nothing else; its outputs.

    Into `bucket` goes only a template that is too large for a request. Raises `DeploymentFailed`.
    """
    name = stage.function_name()
    store = partial(_store, clients["s3"], bucket, name)
    stack = Stack(clients["cloudformation"], f"{name}-api", report, store=store)
    reserved = {"ReservedConcurrency": "-1", **stack.parameters(), **parameters}
    check_reserved(stage, function_settings(stage), int(reserved["ReservedConcurrency"]))
    return stack.deploy(built.template, parameters)


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
