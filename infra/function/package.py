"""The deployment package of a stage: the zip, and the template that goes with it.

Chalice creates both from a copy of the project without requirements, because Chalice checks no hash
of the wheels that it downloads for another platform. `infra.function.dependencies` installs the
dependencies, and `infra.function.archive` completes the zip.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.config import PLACEHOLDER_POOL_ARN
from infra.aws import AWS, Capabilities
from infra.errors import DeploymentFailed, Misconfigured
from infra.function import archive, dependencies
from infra.function.policy import point_at_data
from infra.function.template import addition, finish
from infra.function.unsupported import check_supported
from infra.stage import Stage
from tools.errors import CommandError
from tools.project import PYTHON

# Placeholders for the values that Chalice requires of a stage. The zip contains no placeholder.
_STAND_IN = {
    "TableName": "none",
    "TableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/none",
    "UserPoolArn": PLACEHOLDER_POOL_ARN,
}

# `chalice package` without the variable AWS_CHALICE_CLI_MODE. If it is set, app.py imports `local`,
# which the copy does not have.
_CHALICE_PACKAGE = """
import os, sys
from chalice.cli import package
from chalice.cli.factory import CLIFactory
package(sys.argv[1:], obj={"factory": CLIFactory(os.getcwd(), environ=os.environ)})
"""


def package(stage: Stage, out: Path, target: Capabilities = AWS) -> tuple[Path, Path]:
    """Create the template and the zip of a stage in `out`, and return their paths.

    Raises `DeploymentFailed`, or `Misconfigured` while the stage has no user pool.
    """
    check_supported(stage)
    template, zipped = _clear_outputs(out)
    prepared = stage.policy_file.is_file()
    if prepared:
        with TemporaryDirectory() as scratch:
            _run_chalice(copy_project(stage, Path(scratch)), out, target)
    if not prepared or PLACEHOLDER_POOL_ARN in template.read_text():
        raise Misconfigured(
            f"stage {stage.name} has no user pool yet: "
            f"run `{PYTHON} -m infra data --stage {stage.name}`"
        )
    content = json.loads(template.read_text())
    finish(content, stage)
    template.write_text(json.dumps(content, indent=2))
    _complete(zipped, stage)
    return template, zipped


def package_code(stage: Stage, out: Path) -> Path:
    """Create only the zip, identical to the zip of `package`, and return its path.

    The stage needs no data stack yet. Raises `DeploymentFailed` if the zip cannot be created.
    """
    template, zipped = _clear_outputs(out)
    with TemporaryDirectory() as scratch:
        copy = copy_project(stage, Path(scratch))
        point_at_data(copy, _STAND_IN)
        _run_chalice(copy, out, AWS)
    template.unlink()
    _complete(zipped, stage)
    return zipped


def copy_project(stage: Stage, directory: Path) -> Stage:
    """Copy the packaged files, without requirements, and return the stage in the copy."""
    ignore = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(stage.project / name, directory / name, ignore=ignore)
    shutil.copy(stage.project / "app.py", directory)
    vendor = stage.project / "vendor"
    if vendor.is_dir():
        (directory / "vendor").symlink_to(vendor.resolve())
    return Stage.load(directory, stage.name)


def _clear_outputs(out: Path) -> tuple[Path, Path]:
    out.mkdir(parents=True, exist_ok=True)
    template, zipped = out / "sam.json", out / "deployment.zip"
    for file in (template, zipped):  # never use an earlier run's output
        file.unlink(missing_ok=True)
    return template, zipped


def _complete(zipped: Path, stage: Stage) -> None:
    requirements = stage.project / "requirements.txt"
    packages = None
    try:
        if requirements.exists() and requirements.read_text().strip():
            packages = dependencies.install(requirements, stage.architecture)
        archive.complete(zipped, packages)
    except CommandError:
        zipped.unlink()
        raise


def _run_chalice(stage: Stage, out: Path, target: Capabilities) -> None:
    merge = stage.project / "merge.json"
    merge.write_text(json.dumps(addition(stage, target)))
    command = [sys.executable, "-c", _CHALICE_PACKAGE, "--stage", stage.name]
    command += ["--merge-template", str(merge), str(out.resolve())]
    # Set only because botocore would otherwise search for a region.
    environment = {"AWS_DEFAULT_REGION": "us-east-1", **os.environ}
    environment.pop("AWS_CHALICE_CLI_MODE", None)
    result = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        command,
        capture_output=True,
        text=True,
        env=environment,
        cwd=stage.project,
        close_fds=False,  # see tools.lock.exclusive
    )
    if result.returncode != 0:
        output = (result.stdout + result.stderr).strip()
        # Chalice prints a wrong setting as a sentence, and any other error with a traceback.
        if output.startswith("Error: "):
            setting = output.removeprefix("Error: ")
            raise Misconfigured(f"stage {stage.name} in {stage.config_file.name}: {setting}")
        # Keep only a traceback's cause. Remove the copy's directory from paths, because the user
        # edits the original file.
        cause = output.rpartition("\nRuntimeError: ")[2] if "\nRuntimeError: " in output else output
        cause = "\n".join(cause.splitlines()[-10:]).replace(f"{stage.project}/", "")
        raise DeploymentFailed(f"the application could not be packaged:\n{cause}")
