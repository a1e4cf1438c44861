"""The deployment package of a stage: the zip, and the template that goes with it.

Chalice makes both, of a copy of the project without requirements: the wheels that it fetches for
another machine it holds against no hash. The dependencies are from `infra.function.dependencies`,
and the zip is finished by `infra.function.archive`.
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
from infra.errors import DeploymentFailed
from infra.function import archive, dependencies
from infra.function.policy import point_at_data
from infra.function.template import addition, finish
from infra.stage import Stage
from tools.install import InstallFailed

# What Chalice wants to know of a stage; nothing of it gets into the zip.
_STAND_IN = {
    "TableName": "none",
    "TableArn": "arn:aws:dynamodb:us-east-1:000000000000:table/none",
    "UserPoolArn": PLACEHOLDER_POOL_ARN,
}


def package(stage: Stage, out: Path, target: Capabilities = AWS) -> tuple[Path, Path]:
    """The template and the zip of a stage, made in `out`.

    Raises `DeploymentFailed` if they cannot be made, or the stage has no user pool yet.
    """
    template, zipped = _outputs(out)
    prepared = stage.policy_file.is_file()
    if prepared:
        with TemporaryDirectory() as scratch:
            _run_chalice(copy_of(stage, Path(scratch)), out, target)
    if not prepared or PLACEHOLDER_POOL_ARN in template.read_text():
        raise DeploymentFailed(
            f"stage {stage.name} has no user pool yet; deploy its data stack first"
        )
    content = json.loads(template.read_text())
    finish(content, stage)
    template.write_text(json.dumps(content, indent=2))
    _complete(zipped, stage)
    return template, zipped


def package_code(stage: Stage, out: Path) -> Path:
    """Only the zip, the same that `package` makes, of a stage that need not have a data stack yet.

    Raises `DeploymentFailed` if it cannot be made.
    """
    template, zipped = _outputs(out)
    with TemporaryDirectory() as scratch:
        copy = copy_of(stage, Path(scratch))
        point_at_data(copy, _STAND_IN)
        _run_chalice(copy, out, AWS)
    template.unlink()
    _complete(zipped, stage)
    return zipped


def copy_of(stage: Stage, directory: Path) -> Stage:
    """The stage in a copy of what is packaged, without requirements."""
    ignore = shutil.ignore_patterns("__pycache__", "deployed", "deployments")
    for name in ("chalicelib", ".chalice"):
        shutil.copytree(stage.project / name, directory / name, ignore=ignore)
    shutil.copy(stage.project / "app.py", directory)
    vendor = stage.project / "vendor"
    if vendor.is_dir():
        (directory / "vendor").symlink_to(vendor.resolve())
    return Stage.load(directory, stage.name)


def _outputs(out: Path) -> tuple[Path, Path]:
    out.mkdir(parents=True, exist_ok=True)
    template, zipped = out / "sam.json", out / "deployment.zip"
    for file in (template, zipped):  # those of an earlier run must not pass for this one's
        file.unlink(missing_ok=True)
    return template, zipped


def _complete(zipped: Path, stage: Stage) -> None:
    requirements = stage.project / "requirements.txt"
    packages = None
    try:
        if requirements.exists() and requirements.read_text().strip():
            # "x86_64" is Chalice's own default, and so the template's.
            architecture = stage.setting("lambda_architecture", "x86_64")
            packages = dependencies.install(requirements, architecture)
        archive.complete(zipped, packages)
    except (InstallFailed, DeploymentFailed) as error:
        zipped.unlink()
        raise DeploymentFailed(str(error)) from error


def _run_chalice(stage: Stage, out: Path, target: Capabilities) -> None:
    merge = stage.project / "merge.json"
    merge.write_text(json.dumps(addition(stage, target)))
    # Chalice's `main` returns the exit status instead of exiting with it.
    command = [sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"]
    command += ["--project-dir", str(stage.project), "package", "--stage", stage.name]
    command += ["--merge-template", str(merge), str(out.resolve())]
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
