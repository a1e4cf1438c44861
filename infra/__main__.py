"""Deploy a stage's stacks, and write what is generated: `python -m infra data --stage dev`."""

import argparse
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra import openapi
from infra.stack import DeploymentFailed, Stack
from infra.stage import LOCAL_STAGE, PROJECT, Stage, UnknownStage

DATA_TEMPLATE = PROJECT / "infra" / "data.yaml"


def deploy_data(arguments: argparse.Namespace) -> None:
    """Create or update the data stack and write what the stage needs to know of it."""
    stage = Stage(PROJECT, arguments.stage)
    parameters = {**stage.data_parameters(), **dict(arguments.parameter)}
    stack = Stack(boto3.client("cloudformation"), f"{stage.function_name()}-data")
    stage.write(stack.deploy(DATA_TEMPLATE.read_text(), parameters))
    print(f"wrote {stage.config_file.relative_to(PROJECT)} and the stage's policy")


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
    """0 done, 1 AWS refused or failed, 2 usage or configuration."""
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    data = commands.add_parser("data", help="deploy the table and the user pool of a stage")
    data.add_argument("--stage", required=True, help="a stage of .chalice/config.json")
    data.add_argument(
        "--parameter",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="a parameter of infra/data.yaml; may be repeated",
    )
    data.set_defaults(run=deploy_data)
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
    except (DeploymentFailed, ClientError, BotoCoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
