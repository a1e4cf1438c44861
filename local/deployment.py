"""Deploy the application into the local cloud, the way it is deployed to AWS."""

import json
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from infra.aws import Capabilities
from infra.cloudformation.stack import Stack
from infra.function import dependencies, gateway_responses
from infra.function.package import copy_project
from infra.function.policy import point_at_data
from infra.release import api
from infra.stage import LOCAL_STAGE, Stage
from local import site
from local.cloud import REGION, Cloud
from local.home import Home, LocalError
from tools.lock import exclusive
from tools.progress import Report
from tools.project import PROJECT
from tools.templates import table_properties

if TYPE_CHECKING:
    from types_boto3_apigateway import APIGatewayClient
    from types_boto3_apigateway.literals import GatewayResponseTypeType
    from types_boto3_dynamodb import DynamoDBClient

_BUCKET = "artefacts"
EMULATOR = Capabilities(traffic_shifting=False, scaling=False)
#: Parameters of the data stack that turn off the parts that the emulator does not know.
NOT_EMULATED = {"ManagedLogin": "false", "Backups": "false"}
NOT_EMULATED_ARGUMENTS = [f"--parameter={name}={value}" for name, value in NOT_EMULATED.items()]
#: Parameters of the API's stack: the emulator has no web ACL association and no sampling rule.
API_NOT_EMULATED = {"Firewall": "false", "TraceRate": "0"}
API_NOT_EMULATED_ARGUMENTS = [
    f"--parameter={name}={value}" for name, value in API_NOT_EMULATED.items()
]


def deploy(cloud: Cloud, report: Report = print) -> dict[str, Any]:
    """Deploy all stacks and the page of the work tree, and return the content of `stack.json`.

    Raises `infra.errors.DeploymentFailed` and the errors of `local.site.deploy`.
    """

    with exclusive(cloud.home.work_lock):
        return _deploy(cloud, report)


def _deploy(cloud: Cloud, report: Report) -> dict[str, Any]:
    def report_finished(event: str) -> None:
        if not event.endswith("_IN_PROGRESS"):  # on the emulator, each step ends at once
            report(event)

    formation, gateway = cloud.client("cloudformation"), cloud.client("apigateway")
    stage = _copy_of_project(cloud.home)
    stack = Stack(formation, stage.stack_name("data"), report_finished)
    if table := stack.outputs_if_any().get("TableName"):
        check_index(cloud.client("dynamodb"), table)
    data = stack.deploy(
        (PROJECT / "infra" / "templates" / "data.yaml").read_text(),
        {
            "AppName": stage.app_name,
            "FunctionName": stage.function_name,
            **NOT_EMULATED,
            "DeletionProtection": "false",
        },
    )
    point_at_data(stage, data)
    report("packaging the API")
    vendor(cloud.home, stage.project)
    cloud.client("s3").create_bucket(Bucket=_BUCKET)
    package = cloud.home.directory / "package"
    outputs = api.deploy(
        stage,
        package,
        cloud.client,
        _BUCKET,
        API_NOT_EMULATED,
        report_finished,
        EMULATOR,
    )
    template = json.loads((package / "sam.json").read_text())
    _complete_gateway(gateway, outputs["RestAPIId"], stage.gateway_stage, template)
    published = site.deploy(
        cloud,
        Stack(formation, stage.stack_name("site"), report_finished),
        user_pool_id=data["UserPoolId"],
        api_path=stage.api_path,
        rest_api_id=outputs["RestAPIId"],
        report=report,
    )
    return {
        "site_url": published["SiteUrl"],
        "site_client_id": published["ClientId"],
        "api_url": f"{cloud.endpoint}/_aws/execute-api/{outputs['RestAPIId']}{stage.api_path}",
        "endpoint_url": cloud.endpoint,
        "region": REGION,
        "table_name": data["TableName"],
        "user_pool_id": data["UserPoolId"],
        "user_pool_arn": data["UserPoolArn"],
        "client_id": data["CommandLineClientId"],
        "login_url": cloud.endpoint,
    }


def check_index(dynamodb: "DynamoDBClient", table: str) -> None:
    """Raise `LocalError` if the index of the table has another projection than the template's.

    DynamoDB refuses to change a projection. The emulator changes it, and then silently omits the
    items of the earlier layout.
    """
    (template_index,) = table_properties()["GlobalSecondaryIndexes"]
    for index in dynamodb.describe_table(TableName=table)["Table"]["GlobalSecondaryIndexes"]:
        names = index["Projection"].get("NonKeyAttributes", [])
        if sorted(names) != sorted(template_index["Projection"]["NonKeyAttributes"]):
            raise LocalError(
                f"the items of this local cloud have the layout of an earlier version ({table} "
                f"projects {', '.join(sorted(names))}), and DynamoDB cannot change a projection: "
                "run `make clean` to start without them, or check out the earlier version"
            )


def _copy_of_project(home: Home) -> Stage:
    """Copy the packaged files, so that the stage's settings never touch the work tree."""
    directory = home.directory / "build"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    stage = copy_project(Stage.load(PROJECT, LOCAL_STAGE), directory)
    config = json.loads(stage.config_file.read_text())
    settings = config["stages"][LOCAL_STAGE]
    arm = platform.machine() in ("aarch64", "arm64")
    settings["lambda_architecture"] = "arm64" if arm else "x86_64"
    stage.config_file.write_text(json.dumps(config))
    return stage


def vendor(home: Home, project: Path) -> None:
    """Install the dependencies, built for this machine, into a copy of the project.

    Otherwise they would be fetched for Lambda's platform, which may differ from this machine's.
    Chalice packages `vendor/` unchanged.
    """
    link = project / "vendor"
    link.unlink(missing_ok=True)
    link.symlink_to(dependencies.install(PROJECT / "requirements.txt", shared=home.shared))
    (project / "requirements.txt").write_text("")


def _complete_gateway(
    gateway: "APIGatewayClient", rest_api_id: str, gateway_stage: str, template: dict[str, Any]
) -> None:
    """Configure the parts of the gateway that the emulator does not read from the template.

    These parts are our error responses and the headers of a preflight response. Like AWS, the
    emulator applies later changes only when the stage is deployed again.
    """
    for kind, response in gateway_responses.RESPONSES.items():
        headers = gateway_responses.parameters(response)
        gateway.put_gateway_response(
            restApiId=rest_api_id,
            responseType=cast("GatewayResponseTypeType", kind),
            statusCode=str(response.status),
            responseParameters={
                f"gatewayresponse.header.{name}": value for name, value in headers.items()
            },
            responseTemplates=gateway_responses.templates(response),
        )
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    for resource in gateway.get_resources(restApiId=rest_api_id, limit=500)["items"]:
        preflight = paths.get(resource["path"], {}).get("options")
        if preflight:
            default = preflight["x-amazon-apigateway-integration"]["responses"]["default"]
            gateway.put_integration_response(
                restApiId=rest_api_id,
                resourceId=resource["id"],
                httpMethod="OPTIONS",
                statusCode=default["statusCode"],
                responseParameters=default["responseParameters"],
            )
    gateway.create_deployment(restApiId=rest_api_id, stageName=gateway_stage)
