"""Deploy the application into the local cloud, the way it is deployed to AWS."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from infra import api, gateway_responses, pip
from infra.lock import exclusive
from infra.stack import Stack
from infra.stage import LOCAL_STAGE, PROJECT, Stage
from local import site
from local.cloud import REGION, Cloud, Report, digest
from local.home import Home

_BUCKET = "artefacts"
#: The data stack without what the emulator does not know; for its commands, as arguments.
NOT_EMULATED = {"ManagedLogin": "false", "Backups": "false"}
NOT_EMULATED_ARGUMENTS = [f"--parameter={name}={value}" for name, value in NOT_EMULATED.items()]
# Of the settings of stage `local`, those that are for `chalice local` alone.
_NOT_DEPLOYED = ("VERIFY_TOKENS_LOCALLY",)


def deploy(cloud: Cloud, report: Report = print) -> dict[str, Any]:
    """Bring all stacks and the page to what the work tree says; the description for `stack.json`.

    Raises `infra.stack.DeploymentFailed` and what `local.site.deploy` does.
    """

    def finished(event: str) -> None:
        if not event.endswith("_IN_PROGRESS"):  # here, everything begins and ends at once
            report(event)

    formation, gateway = cloud.client("cloudformation"), cloud.client("apigateway")
    stage = Stage(_copy_of_project(cloud.home), LOCAL_STAGE)
    data = Stack(formation, f"{stage.function_name()}-data", finished, poll_seconds=0.2).deploy(
        (PROJECT / "infra" / "data.yaml").read_text(),
        {**stage.data_parameters(), **NOT_EMULATED, "DeletionProtection": "false"},
    )
    stage.write(data)
    report("packaging the API")
    vendor(cloud.home, stage.project)
    storage = cloud.client("s3")
    storage.create_bucket(Bucket=_BUCKET)
    package = cloud.home.directory / "package"
    outputs = api.deploy(
        stage,
        package,
        {"s3": storage, "cloudformation": formation, "lambda": cloud.client("lambda")},
        _BUCKET,
        {"Firewall": "false"},  # the emulator knows no association of a web ACL
        finished,
    )
    template = json.loads((package / "sam.json").read_text())
    _complete_gateway(gateway, outputs["RestAPIId"], template)
    published = site.deploy(
        cloud,
        Stack(formation, f"{stage.function_name()}-site", finished, poll_seconds=0.2),
        user_pool_id=data["UserPoolId"],
        rest_api_id=outputs["RestAPIId"],
        report=report,
    )
    return {
        "site_url": published["SiteUrl"],
        "site_client_id": published["ClientId"],
        "api_url": f"{cloud.endpoint}/_aws/execute-api/{outputs['RestAPIId']}/api",
        "endpoint_url": cloud.endpoint,
        "region": REGION,
        "table_name": data["TableName"],
        "user_pool_id": data["UserPoolId"],
        "user_pool_arn": data["UserPoolArn"],
        "client_id": data["CommandLineClientId"],
        "login_url": cloud.endpoint,
    }


def _copy_of_project(home: Home) -> Path:
    """What is packaged, copied, so that its settings never touch the work tree."""
    copy = home.directory / "build"
    deployments = copy / ".chalice" / "deployments"
    for stale in (copy / "chalicelib", deployments):
        shutil.rmtree(stale, ignore_errors=True)
    copy.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "app.py", copy)
    shutil.copytree(
        PROJECT / "chalicelib", copy / "chalicelib", ignore=shutil.ignore_patterns("__pycache__")
    )
    config = json.loads((PROJECT / ".chalice" / "config.json").read_text())
    for name in _NOT_DEPLOYED:
        config["stages"][LOCAL_STAGE]["environment_variables"].pop(name, None)
    (copy / ".chalice").mkdir(exist_ok=True)
    (copy / ".chalice" / "config.json").write_text(json.dumps(config))
    return copy


def vendor(home: Home, project: Path) -> None:
    """Give the package its dependencies, built for this machine.

    Chalice would fetch them for Lambda's platform, which may not be this machine's; what is in
    `vendor/` it takes as it is. Made once for each `requirements.txt`.
    """
    requirements = PROJECT / "requirements.txt"
    cached = home.shared / f"vendor-{digest(requirements.read_bytes(), sys.version, sys.platform)}"
    with exclusive(home.shared / "vendor.lock"):
        if not cached.exists():
            building = cached.with_suffix(".part")
            shutil.rmtree(building, ignore_errors=True)
            what = ("--no-deps", "--target", str(building), "-r", str(requirements))
            pip.install(sys.executable, *what)
            building.rename(cached)
    link = project / "vendor"
    link.unlink(missing_ok=True)
    link.symlink_to(cached)
    (project / "requirements.txt").write_text("")


def _complete_gateway(gateway: Any, rest_api_id: str, template: dict[str, Any]) -> None:
    """Give the gateway what the emulator does not read from the packaged template.

    That is our error answers, and the headers with which it answers a preflight. Like AWS, it shows
    what is put afterwards only once the stage is deployed again.
    """
    rest_api = {"restApiId": rest_api_id}
    for kind, response in gateway_responses.RESPONSES.items():
        headers = gateway_responses.parameters(response)
        gateway.put_gateway_response(
            **rest_api,
            responseType=kind,
            statusCode=str(response.status),
            responseParameters={
                f"gatewayresponse.header.{name}": value for name, value in headers.items()
            },
            responseTemplates=gateway_responses.templates(response),
        )
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    for resource in gateway.get_resources(**rest_api, limit=500)["items"]:
        preflight = paths.get(resource["path"], {}).get("options")
        if preflight:
            answer = preflight["x-amazon-apigateway-integration"]["responses"]["default"]
            gateway.put_integration_response(
                **rest_api,
                resourceId=resource["id"],
                httpMethod="OPTIONS",
                statusCode=answer["statusCode"],
                responseParameters=answer["responseParameters"],
            )
    gateway.create_deployment(**rest_api, stageName="api")
