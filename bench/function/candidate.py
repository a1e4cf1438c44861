"""Build the candidates: directories as on Lambda, of the application and its peers.

Each run builds them again in `.local/function/`, but keeps packages from PyPI.
"""

import compileall
import py_compile
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zipfile import ZipFile

from infra.function import dependencies
from infra.function.package import copy_project, package_code
from infra.stage import Stage
from local.deployment import vendor
from local.home import Home
from tools.errors import CommandError
from tools.project import PROJECT

HOME = Home().directory / "function"

OURS = "ours"
BASE = "l0"
PLAIN = " plain"  # the suffix of a candidate's name as a plain zip
TITLES = {
    OURS: "this application",
    BASE: "a bare handler on botocore",
    "chalice_boto3": "Chalice and boto3",
    "chalice_pydynox": "Chalice and pydynox",
    "powertools": "Powertools' resolver",
    "fastapi": "FastAPI and Mangum",
}

_HERE = Path(__file__).parent
_PEERS = _HERE / "peers"
_STAGE = "prod"


class NotCompiled(CommandError):
    """A directory holds something that is not valid Python."""


@dataclass(frozen=True)
class Candidate:
    """`variables` are its environment variables in addition to Lambda's."""

    name: str
    title: str
    directory: Path
    runtime: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def path(self) -> tuple[Path, Path]:
        """Return the directories of `sys.path`. The function's directory precedes the runtime's."""
        return self.directory, self.runtime

    @property
    def authorities(self) -> Path:
        """Return the directory of authorities that our client reads instead of a full list."""
        return self.directory / "authorities"

    def environment(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        """Return its variables and the given variables, with the authorities if it reads them."""
        trusted = {"AWS_CA_BUNDLE": str(self.authorities)} if self.authorities.is_dir() else {}
        return {**self.variables, **variables, **trusted}

    def plain(self) -> "Candidate":
        """Return the candidate as the zip of `chalice package` alone.

        It has no usable bytecode and no directory of certificate authorities.
        """
        directory = self.directory.with_name(f"{self.directory.name}-plain")
        left_out = shutil.ignore_patterns("__pycache__", "authorities")
        shutil.copytree(self.directory, directory, ignore=left_out)
        return replace(self, name=f"{self.name}{PLAIN}", directory=directory)

    def with_variable(self, assignment: str) -> "Candidate":
        name, _, value = assignment.partition("=")
        variables = {**self.variables, name: value}
        return replace(self, name=assignment, title=assignment, variables=variables)

    def copy_from(self, directory: Path, label: str) -> "Candidate":
        """Return this candidate with a compiled copy of another directory."""
        copy = HOME / f"{OURS}-{label}"
        shutil.copytree(directory, copy, ignore=shutil.ignore_patterns("__pycache__"))
        _compile(copy)
        return replace(self, name=label, title=label, directory=copy)


def build() -> list[Candidate]:
    """Build and return all candidates, ours first.

    Raises `infra.errors.DeploymentFailed` or `tools.install.InstallFailed`.
    """
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    runtime = _build_directory("runtime", _HERE / "requirements.txt")
    variables = Stage.load(PROJECT, _STAGE).setting("environment_variables", {})
    ours = Candidate(OURS, TITLES[OURS], _unpacked_application(), runtime, variables)
    found = [ours]
    for name in TITLES:
        if name != OURS:
            requirements = _PEERS / name / "requirements.txt"
            sources = [_PEERS / "items.py", _PEERS / name / "app.py"]
            if name.startswith("chalice"):
                sources.append(ours.directory / "chalice")  # the part of Chalice in the package
            directory = _build_directory(name, requirements, *sources)
            found.append(Candidate(name, TITLES[name], directory, runtime))
    return found


def _unpacked_application() -> Path:
    """Unpack the contents of the deployed zip, but built for this computer."""
    project = HOME / "project"
    project.mkdir()
    stage = copy_project(Stage.load(PROJECT, _STAGE), project)
    vendor(Home(), project)
    directory = HOME / OURS
    with ZipFile(package_code(stage, HOME / "package")) as zipped:
        zipped.extractall(directory)
    return directory


def _build_directory(name: str, requirements: Path, *sources: Path) -> Path:
    """Create a directory with these sources, and packages from PyPI if the file exists."""
    directory = HOME / name
    ignore = shutil.ignore_patterns("__pycache__")
    if requirements.exists():
        shutil.copytree(dependencies.install(requirements), directory, ignore=ignore)
    directory.mkdir(exist_ok=True)
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, directory / source.name, ignore=ignore)
        else:
            shutil.copy(source, directory)
    _compile(directory)
    return directory


def _compile(directory: Path) -> None:
    # As infra/function/archive.py compiles the application.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(directory, maxlevels=20, quiet=1, invalidation_mode=mode):
        raise NotCompiled(f"{directory} could not be compiled")
