"""Deploy a stage's stacks, and write what is generated: `python -m infra data --stage dev`."""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra import monitoring, openapi, release
from infra.live import NoEarlierVersion
from infra.stack import DeploymentFailed, Stack
from infra.stage import LOCAL_STAGE, PROJECT, Stage, UnknownStage

DATA_TEMPLATE = PROJECT / "infra" / "data.yaml"
SITE_TEMPLATE = PROJECT / "infra" / "site.yaml"


def deploy_data(arguments: argparse.Namespace) -> None:
    """Create or update the data stack and write what the stage needs to know of it."""
    stage = Stage(PROJECT, arguments.stage)
    parameters = {**stage.data_parameters(), **dict(arguments.parameter)}
    stack = Stack(boto3.client("cloudformation"), f"{stage.function_name()}-data")
    stage.write(stack.deploy(DATA_TEMPLATE.read_text(), parameters))
    print(f"wrote {stage.config_file.relative_to(PROJECT)} and the stage's policy")


def deploy_site(arguments: argparse.Namespace) -> None:
    """Create or update the site's stack, into which `deploy_site.py` then puts the page."""
    stage = Stage(PROJECT, arguments.stage)
    formation = boto3.client("cloudformation")
    data = Stack(formation, f"{stage.function_name()}-data").outputs()
    parameters = {
        "UserPoolId": data["UserPoolId"],
        "LoginUrl": data["LoginUrl"],
        "RestApiId": _rest_api(stage, formation),
        **dict(arguments.parameter),
    }
    stack = Stack(formation, f"{stage.function_name()}-site")
    outputs = stack.deploy(SITE_TEMPLATE.read_text(), parameters)
    print(f"the site is {outputs['SiteUrl']}")
    print(f"put the page there with: python deploy_site.py --stage {stage.name}")


def _rest_api(stage: Stage, formation: Any) -> str:
    """The id of the stage's API, whichever way it was deployed. Raises `DeploymentFailed`."""
    try:
        return Stack(formation, f"{stage.function_name()}-api").outputs()["RestAPIId"]
    except DeploymentFailed:
        found = stage.deployed_rest_api()
    if found is None:
        how = f"chalice deploy --stage {stage.name}"
        raise DeploymentFailed(f"stage {stage.name} has no API yet; deploy it first: {how}")
    return found.id


def deploy_api(arguments: argparse.Namespace) -> None:
    """Package the API and deploy it as a new version behind the alias."""
    stage = Stage(PROJECT, arguments.stage)
    names = ("s3", "cloudformation", "lambda")
    clients = {name: boto3.client(name) for name in names}
    with TemporaryDirectory() as out:
        outputs = release.release(
            stage, Path(out), clients, arguments.bucket, dict(arguments.parameter)
        )
    print(f"the API is {outputs['EndpointURL']}")


def deploy_monitoring(arguments: argparse.Namespace) -> None:
    """Create or update the alarms and the dashboard."""
    stage = Stage(PROJECT, arguments.stage)
    formation = boto3.client("cloudformation")
    outputs = monitoring.deploy(stage, formation, dict(arguments.parameter))
    print(f"alarms are sent to {outputs['TopicArn']}")


def roll_back(arguments: argparse.Namespace) -> None:
    """Have the version before answer."""
    stage = Stage(PROJECT, arguments.stage)
    clients = {name: boto3.client(name) for name in ("lambda", "cloudformation", "codedeploy")}
    release.roll_back(stage, clients)


def write_openapi(_: argparse.Namespace) -> None:
    """Write the API's description."""
    openapi.FILE.write_text(openapi.text())
    print(f"wrote {openapi.FILE.relative_to(PROJECT)}")


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def main() -> int:
    """0 done, 1 AWS refused or failed, 2 usage or configuration, 3 nothing to roll back to."""
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, help in (
        ("data", deploy_data, "deploy the table and the user pool of a stage"),
        ("api", deploy_api, "deploy the API, as a new version of the function"),
        ("monitoring", deploy_monitoring, "deploy the alarms and the dashboard"),
        ("site", deploy_site, "deploy CloudFront and the bucket in front of a stage's API"),
    ):
        command = commands.add_parser(name, help=help)
        command.add_argument("--stage", required=True, help="a stage of .chalice/config.json")
        command.add_argument(
            "--parameter",
            action="append",
            default=[],
            type=_pair,
            metavar="NAME=VALUE",
            help=f"a parameter of infra/{name}.yaml; may be repeated",
        )
        command.set_defaults(run=run)
        if name == "api":
            command.add_argument("--bucket", required=True, help="where to upload the package")
    back = commands.add_parser("rollback", help="have the version before the live one answer")
    back.add_argument("--stage", required=True, help="a stage of .chalice/config.json")
    back.set_defaults(run=roll_back)
    described = commands.add_parser("openapi", help="write the API's description to docs/")
    described.set_defaults(run=write_openapi)
    arguments = parser.parse_args()
    if getattr(arguments, "stage", None) == LOCAL_STAGE:
        parser.error("stage local is the local cloud's: `make run` deploys it")
    try:
        arguments.run(arguments)
    except UnknownStage as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except NoEarlierVersion as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except (DeploymentFailed, ClientError, BotoCoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
