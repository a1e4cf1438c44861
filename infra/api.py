"""Package the API with Chalice and deploy it through CloudFormation.

Every deployment publishes a version of the function and points the alias `live` at it, and nothing
but that alias is ever invoked: so a canary can shift traffic, and a rollback is one call.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from chalicelib.config import PLACEHOLDER_POOL_ARN
from infra import gateway_responses
from infra.live import ALIAS, Live
from infra.stack import DeploymentFailed, Report, Stack
from infra.stage import Stage


def merge_template(function_name: str) -> dict[str, Any]:
    """What `chalice package --merge-template` adds to Chalice's own template."""
    return {
        "Resources": {
            # Named as `chalice deploy` would, so that one policy and one log group fit both.
            "APIHandler": {
                "Properties": {
                    "FunctionName": function_name,
                    "AutoPublishAlias": ALIAS,
                    # Else a change of memory or of a variable would publish no version, and the
                    # alias would go on with the old ones.
                    "AutoPublishAliasAllProperties": True,
                }
            },
            "RestAPI": {
                "Properties": {
                    # Without it, SAM adds a second, public stage named "Stage".
                    "OpenApiVersion": "2.0",
                    "GatewayResponses": gateway_responses.sam_property(),
                }
            },
        },
        "Outputs": {"LiveVersion": {"Value": {"Fn::GetAtt": ["APIHandler.Version", "Version"]}}},
    }


def invoke_the_alias(template: dict[str, Any]) -> None:
    """Point every integration of a packaged template, and the permission, at the alias.

    Chalice points them at the function, past the alias, so that neither a canary nor a rollback
    would change what answers.
    """
    resources = template["Resources"]
    for methods in resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"].values():
        for method in methods.values():
            integration = method["x-amazon-apigateway-integration"]
            if integration["type"] == "aws_proxy":
                uri = integration["uri"]["Fn::Sub"].replace(
                    "${APIHandler.Arn}", "${APIHandler.Alias}"
                )
                integration["uri"] = {"Fn::Sub": uri}
    permission = resources["APIHandlerInvokePermission"]["Properties"]
    permission["FunctionName"] = {"Ref": "APIHandler.Alias"}


def package(stage: Stage, out: Path) -> tuple[Path, Path]:
    """Run `chalice package`; the template and the zip it wrote into `out`.

    Raises `DeploymentFailed` if Chalice fails or the stage has no user pool yet.
    """
    out.mkdir(parents=True, exist_ok=True)
    template, archive = out / "sam.json", out / "deployment.zip"
    for file in (template, archive):  # those of an earlier run must not pass for this one's
        file.unlink(missing_ok=True)
    merge = out / "merge.json"
    merge.write_text(json.dumps(merge_template(stage.function_name())))
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
    invoke_the_alias(content)
    template.write_text(json.dumps(content, indent=2))
    return template, archive


def deploy(
    stage: Stage, out: Path, clients: dict[str, Any], bucket: str, report: Report = print
) -> dict[str, str]:
    """Package the stage, upload the zip to `bucket`, deploy the stack; the stack's outputs.

    `clients` holds boto3 clients named "s3", "cloudformation" and "lambda".
    """
    template_file, archive = package(stage, out)
    body = archive.read_bytes()
    key = f"{stage.function_name()}/{hashlib.sha256(body).hexdigest()}.zip"
    clients["s3"].put_object(Bucket=bucket, Key=key, Body=body)
    template = json.loads(template_file.read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
    stack = Stack(clients["cloudformation"], f"{stage.function_name()}-api", report)
    outputs = stack.deploy(json.dumps(template), {})
    # After a rollback, CloudFormation sees no change in the version that it last made live.
    live = Live(clients["lambda"], stage.function_name())
    if live.version() != outputs["LiveVersion"]:
        live.point_at(outputs["LiveVersion"])
    report(f"{stage.function_name()}: version {outputs['LiveVersion']} is live")
    return outputs
