"""Package the API with Chalice and deploy it through CloudFormation.

Every deployment publishes a version of the function and points the alias `live` at it, and nothing
but that alias is ever invoked: so a canary can shift traffic, and a rollback is one call.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib.config import PLACEHOLDER_POOL_ARN
from infra import api_template
from infra.live import Live
from infra.stack import DeploymentFailed, Report, Stack
from infra.stage import Stage


def package(stage: Stage, out: Path) -> tuple[Path, Path]:
    """Run `chalice package`; the template and the zip it wrote into `out`.

    Raises `DeploymentFailed` if Chalice fails or the stage has no user pool yet.
    """
    out.mkdir(parents=True, exist_ok=True)
    template, archive = out / "sam.json", out / "deployment.zip"
    for file in (template, archive):  # those of an earlier run must not pass for this one's
        file.unlink(missing_ok=True)
    merge = out / "merge.json"
    merge.write_text(json.dumps(api_template.addition(stage)))
    # Chalice's `main` returns the exit status instead of exiting with it.
    command = [sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"]
    command += ["--project-dir", str(stage.project), "package", "--stage", stage.name]
    command += ["--merge-template", str(merge), str(out)]
    # The region's only use here is to keep botocore from looking for one.
    environment = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ}
    result = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        command, capture_output=True, text=True, env=environment, cwd=stage.project
    )
    if result.returncode != 0:
        said = (result.stdout + result.stderr).strip()
        # Of a traceback, what it was about; and the file to mend is not the copy.
        cause = said.rpartition("\nRuntimeError: ")[2] if "\nRuntimeError: " in said else said
        cause = "\n".join(cause.splitlines()[-10:]).replace(f"{stage.project}/", "")
        raise DeploymentFailed(f"the application could not be packaged:\n{cause}")
    if PLACEHOLDER_POOL_ARN in template.read_text():
        raise DeploymentFailed(
            f"stage {stage.name} has no user pool yet; deploy its data stack first"
        )
    content = json.loads(template.read_text())
    api_template.finish(content, stage)
    template.write_text(json.dumps(content, indent=2))
    return template, archive


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
    template_file, archive = package(stage, out)
    body = archive.read_bytes()
    key = f"{stage.function_name()}/{hashlib.sha256(body).hexdigest()}.zip"
    clients["s3"].put_object(Bucket=bucket, Key=key, Body=body)
    template = json.loads(template_file.read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    stack = Stack(clients["cloudformation"], f"{stage.function_name()}-api", report)
    outputs = stack.deploy(json.dumps(template, separators=(",", ":")), parameters)
    # After a rollback, CloudFormation sees no change in the version that it last made live.
    live = Live(clients["lambda"], stage.function_name())
    if live.version() != outputs["LiveVersion"]:
        live.point_at(outputs["LiveVersion"])
    report(f"{stage.function_name()}: version {outputs['LiveVersion']} is live")
    return outputs
