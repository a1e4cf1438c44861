"""Deploy a stage's stacks, and write what is generated: `python -m infra data --stage dev`."""

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.aws import client_of
from infra.documents import openapi, parameters
from infra.errors import DeploymentFailed
from infra.function import archive
from infra.function.alias import NoEarlierVersion
from infra.function.package import package_code
from infra.stacks import account, destroy, dry_run
from infra.stacks.deployment import Stacks
from infra.stage import LOCAL_STAGE, Stage, UnknownStage
from tools.project import PROJECT


def _stacks(arguments: argparse.Namespace) -> Stacks:
    return Stacks(Stage.load(PROJECT, arguments.stage), client_of)


def deploy_account(arguments: argparse.Namespace) -> None:
    """Create or update what an account needs once."""
    given = dict(arguments.parameter)
    if arguments.repository:
        given["Subjects"] = account.subjects(arguments.repository, arguments.environment)
    outputs = account.deploy(client_of("cloudformation"), given)
    for name in ("ArtefactBucket", "DeployRoleArn"):
        if name in outputs:
            print(f"{name}: {outputs[name]}")


def deploy_data(arguments: argparse.Namespace) -> None:
    _stacks(arguments).data(dict(arguments.parameter))


def deploy_api(arguments: argparse.Namespace) -> None:
    _stacks(arguments).api(dict(arguments.parameter), arguments.bucket)


def deploy_monitoring(arguments: argparse.Namespace) -> None:
    _stacks(arguments).monitoring(dict(arguments.parameter))


def deploy_edge(arguments: argparse.Namespace) -> None:
    _stacks(arguments).edge(dict(arguments.parameter))


def deploy_site(arguments: argparse.Namespace) -> None:
    _stacks(arguments).site(dict(arguments.parameter))


def release(arguments: argparse.Namespace) -> None:
    """All of a stage's stacks but edge, in order, with the parameters that they have."""
    if arguments.dry_run:
        show_release(Stage.load(PROJECT, arguments.stage))
        return
    _stacks(arguments).release()


def show_release(stage: Stage) -> None:
    """What `release` would change, and then what `deploy_site.py` would, where there is a site."""
    out = Path(".local", "release", stage.name)
    has_site = dry_run.show(stage, client_of, PROJECT / out)
    print(f"nothing was changed; the templates are in {out}")
    if not has_site:
        print("there is no site yet, so no page to compare")
        return
    sys.stdout.flush()
    command = [sys.executable, str(PROJECT / "deploy_site.py"), "--stage", stage.name]
    page = subprocess.run([*command, "--dry-run"])  # noqa: S603 - our own interpreter, no shell
    if page.returncode:
        sys.exit(page.returncode)


def write_templates(arguments: argparse.Namespace) -> None:
    """A stage's templates with made-up outputs: for checks, not to deploy them."""
    dry_run.write_templates(Stage.load(PROJECT, arguments.stage), arguments.out)
    print(f"wrote the templates into {arguments.out}")


def roll_back(arguments: argparse.Namespace) -> None:
    _stacks(arguments).roll_back()


def build_package(arguments: argparse.Namespace) -> None:
    """The zip that `release` deploys, and what it is."""
    stage = Stage.load(PROJECT, arguments.stage)
    out = arguments.out or PROJECT / ".local" / "packages" / stage.name
    print(archive.summary(package_code(stage, out)))


def take_down(arguments: argparse.Namespace) -> None:
    """Delete a stage's stacks, once its name has been given a second time."""

    def confirmed(name: str) -> bool:
        given = arguments.confirm
        if not given and sys.stdin.isatty():
            given = input(f"To delete all that, type the stage's name ({name}): ")
        return bool(given == name)

    formation = client_of("cloudformation")
    stage = Stage.load(PROJECT, arguments.stage)
    destroy.destroy(stage, formation, confirmed, dry_run=arguments.dry_run)


def write_documents(_: argparse.Namespace) -> None:
    """Write the API's description and the list of all parameters."""
    for module in (openapi, parameters):
        module.FILE.write_text(module.text())
        print(f"wrote {module.FILE.relative_to(PROJECT)}")


# Those that take parameters of a template.
STACKS = {
    "data": (deploy_data, "deploy the table and the user pool of a stage"),
    "api": (deploy_api, "deploy the API, as a new version of the function"),
    "monitoring": (deploy_monitoring, "deploy the alarms and the dashboard"),
    "edge": (deploy_edge, "deploy the certificate and the firewall for CloudFront"),
    "site": (deploy_site, "deploy CloudFront and the bucket in front of a stage's API"),
}
OTHERS = {
    "release": (release, "deploy all of a stage's stacks again, but edge"),
    "rollback": (roll_back, "have the version before the live one answer"),
}


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Any, help: str, template: str = "") -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help)
        command.set_defaults(run=run)
        if template:
            command.add_argument(
                "--parameter",
                action="append",
                default=[],
                type=_pair,
                metavar="NAME=VALUE",
                help=f"a parameter of the stack {template} (docs/parameters.md); may be repeated",
            )
        return command

    once = add("account", deploy_account, "deploy what an account needs once", "account")
    once.add_argument("--repository", help="OWNER/NAME on GitHub, whose pipeline may deploy")
    once.add_argument(
        "--environment",
        action="append",
        default=[],
        help="with --repository: an environment of it; may be repeated",
    )
    staged = [add(name, *command, template=name) for name, command in STACKS.items()]
    staged[1].add_argument("--bucket", default="", help="where to upload the package")
    staged += [add(name, *command) for name, command in OTHERS.items()]
    whole = staged[len(STACKS)]
    whole.add_argument("--dry-run", action="store_true", help="only show what would be changed")
    down = add("destroy", take_down, "delete a stage's stacks; what holds data stays")
    down.add_argument(
        "--dry-run", action="store_true", help="only say what would go and what stays"
    )
    down.add_argument("--confirm", default="", metavar="STAGE", help="the stage's name once more")
    staged.append(down)
    building = add("package", build_package, "build the zip that is deployed, and nothing else")
    building.add_argument("--out", type=Path, metavar="DIRECTORY", help="where to put it")
    staged.append(building)
    writing = add("template", write_templates, "write a stage's templates, to be checked")
    writing.add_argument("--out", type=Path, required=True, metavar="DIRECTORY")
    staged.append(writing)
    for command in staged:
        command.add_argument("--stage", required=True, help="a stage of .chalice/config.json")
    add("documents", write_documents, "write what is generated in docs/")
    return parser


def main() -> int:
    """0 done, 1 AWS refused or failed, 2 usage or configuration, 3 refused by us."""
    parser = _parser()
    arguments = parser.parse_args()
    if getattr(arguments, "stage", None) == LOCAL_STAGE:
        parser.error("stage local is the local cloud's: `make run` deploys it")
    try:
        arguments.run(arguments)
    except UnknownStage as error:
        status, said = 2, str(error)
    except (NoEarlierVersion, destroy.Unconfirmed) as error:
        status, said = 3, str(error)
    except (DeploymentFailed, ClientError, BotoCoreError) as error:
        status, said = 1, str(error)
    else:
        return 0
    print(f"error: {said}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
