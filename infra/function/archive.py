"""The reproducible zip for Lambda: only the files that Lambda uses, byte-compiled.

Chalice's own zip has no bytecode of the application and of Chalice. Its bytecode of the
dependencies is unusable, because it is valid for sources with another time stamp. Lambda cannot
store bytecode, so each cold start would compile every module.
"""

import hashlib
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from infra.errors import DeploymentFailed
from infra.function import authorities

#: The directory into which Lambda unpacks the zip. Tracebacks name the files with it.
ROOT = "/var/task"

_SINCE_EVER = (1980, 1, 1, 0, 0, 0)  # the earliest time in a zip
# Readable with any umask. A program in vendor/ stays executable.
_MODE = (stat.S_IFREG | 0o755) << 16
_NEVER_RUN = {".c", ".h", ".pyc", ".pyi", ".typed"}
_METADATA = {"METADATA", "entry_points.txt"}  # importlib.metadata reads these files


def complete(archive: Path, dependencies: Path | None = None) -> None:
    """Turn Chalice's zip into the deployed zip, and add the packages in `dependencies`.

    Raises `DeploymentFailed` if a file in it is not valid Python.
    """
    with TemporaryDirectory() as scratch:
        tree = Path(scratch)
        if dependencies:
            for name in _needed(_files(dependencies)):
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(dependencies / name, tree / name)
        with ZipFile(archive) as zipped:
            zipped.extractall(tree, _needed(zipped.namelist()))
        authorities.write(tree / "authorities")
        _compile(tree)
        _pack(tree, archive)


def summary(archive: Path) -> str:
    """Return the path, the size and the SHA-256 digest of the zip."""
    with ZipFile(archive) as zipped:
        unzipped = sum(each.file_size for each in zipped.infolist())
    sizes = f"{archive.stat().st_size / 1e6:.2f} MB, unzipped {unzipped / 1e6:.2f} MB"
    return f"{archive}\n{sizes}\nsha256 {hashlib.sha256(archive.read_bytes()).hexdigest()}"


def _files(directory: Path) -> list[str]:
    files = (each for each in directory.rglob("*") if each.is_file())
    return sorted(each.relative_to(directory).as_posix() for each in files)


def _needed(names: list[str]) -> Iterator[str]:
    for name in names:
        path = PurePosixPath(name)
        if path.parts[0].endswith(".dist-info"):
            needed = path.name in _METADATA
        else:
            needed = path.suffix not in _NEVER_RUN and "tests" not in path.parent.parts
        if needed:
            yield name


def _compile(tree: Path) -> None:
    """Byte-compile all sources. Python then uses the bytecode without a time stamp check."""
    command = [sys.executable, "-P", "-s", "-S", "-m", "compileall", "-q"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", ROOT, str(tree)]
    # A process that always starts identically gives identical bytecode. The objects that Python
    # marks as shared in bytecode depend on the rest of the process.
    environment = {"PYTHONHASHSEED": "0"}
    result = subprocess.run(  # noqa: S603 - our own interpreter, no shell
        command, capture_output=True, text=True, env=environment
    )
    if result.returncode:
        output = (result.stdout + result.stderr).strip().replace(f"{tree}/", "")
        raise DeploymentFailed(f"the package could not be compiled:\n{output}")


def _pack(tree: Path, archive: Path) -> None:
    with ZipFile(archive, "w", ZIP_DEFLATED) as zipped:
        for name in _files(tree):
            entry = ZipInfo(name, _SINCE_EVER)
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3  # Unix, so the mode has Unix bits
            entry.external_attr = _MODE
            zipped.writestr(entry, (tree / name).read_bytes())
