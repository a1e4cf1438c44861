"""The deployed zip: only required files, byte-compiled, and reproducible."""

import importlib.util
import marshal
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from tempfile import gettempdir
from types import CodeType
from zipfile import ZipFile

import pytest

from infra.errors import DeploymentFailed
from infra.function import archive
from tests.project_copy import copy_project
from tools.project import PROJECT

#: Without the certificates, which only DynamoDB's own client reads, one file of them.
MOST_BYTES = 1_300_000
UNCHECKED_HASH = 1

Built = Callable[[str], Path]


@pytest.fixture(
    scope="module", params=["arm64", pytest.param("x86_64", marks=pytest.mark.long), "here"]
)
def package(request: pytest.FixtureRequest, built: Built) -> Iterator[ZipFile]:
    with ZipFile(built(request.param)) as package:
        yield package


def sources(package: ZipFile) -> list[str]:
    return [name for name in package.namelist() if name.endswith(".py")]


def compiled(source: str) -> str:
    path = PurePosixPath(source)
    tag = sys.implementation.cache_tag
    return str(path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc")


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def test_everything_is_compiled_for_good(package: ZipFile) -> None:
    assert {"app.py", "chalice/app.py", "chalicelib/table.py"} <= set(sources(package))
    for name in sources(package):
        bytecode = package.read(compiled(name))
        assert bytecode[:4] == importlib.util.MAGIC_NUMBER, name
        assert int.from_bytes(bytecode[4:8], "little") == UNCHECKED_HASH, name
        assert bytecode[8:16] == importlib.util.source_hash(package.read(name)), name
        code = marshal.loads(bytecode[16:])  # noqa: S302 - compiled just now, by us
        files = {each.co_filename for each in codes(code)}
        assert files == {f"/var/task/{name}"}
    bytecodes = {name for name in package.namelist() if name.endswith(".pyc")}
    assert bytecodes == {compiled(name) for name in sources(package)}


def test_it_is_small_and_has_only_what_runs(package: ZipFile) -> None:
    names = package.namelist()
    code = (each for each in package.infolist() if not each.filename.startswith("authorities/"))
    assert sum(each.file_size for each in code) < MOST_BYTES
    assert package.testzip() is None
    assert names == sorted(set(names))
    ends = {PurePosixPath(name).suffix for name in names}
    assert ends == {".py", ".pyc", ".so", ".0", ""}
    assert {PurePosixPath(name).name for name in names if "." not in name.rpartition("/")[2]} == {
        "METADATA",
        "NOTICE",
    }
    assert not [name for name in names if name.startswith(("bin/", "vendor/", "tests/"))]


def aged(directory: Path) -> Path:
    for file in directory.rglob("*"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    return directory


def test_another_clone_makes_the_same_bytes(built: Built, tmp_path: Path) -> None:
    clone = tmp_path / "another clone"
    shutil.copy(PROJECT / "requirements.txt", copy_project(clone))
    result = subprocess.run(
        [sys.executable, "-m", "infra", "package", "--stage", "prod", "--out", "built"],
        cwd=aged(clone),
        env={**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        umask=0o077,
    )
    assert result.returncode == 0, result.stderr
    made = clone / "built" / "deployment.zip"
    assert made.read_bytes() == built("arm64").read_bytes()
    assert (
        result.stdout.splitlines()
        == archive.summary(built("arm64"))
        .replace(str(built("arm64")), "built/deployment.zip")
        .splitlines()
    )


def zipped(directory: Path, files: dict[str, str]) -> Path:
    file = directory / "deployment.zip"
    with ZipFile(file, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return file


def test_unused_package_files_are_omitted(tmp_path: Path) -> None:
    kept = ["app.py", "some/data.json", "some/testing.py", "some-1.dist-info/entry_points.txt"]
    kept += ["some-1.dist-info/METADATA", "bin/program"]
    left_out = ["some/py.typed", "some/stub.pyi", "some/core.c", "some/core.h", "old.pyc"]
    left_out += ["some/tests/test_it.py", "some/__pycache__/data.cpython-39.pyc"]
    left_out += ["some-1.dist-info/RECORD", "some-1.dist-info/licenses/LICENSE"]
    file = zipped(tmp_path, dict.fromkeys([*left_out, *kept], ""))
    archive.complete(file)
    with ZipFile(file) as package:
        names = {name for name in package.namelist() if not name.startswith("authorities/")}
        assert {name for name in names if not name.endswith(".pyc")} == set(kept)
        # Every user may read all files and execute programs.
        assert {each.external_attr >> 16 for each in package.infolist()} == {0o100755}


def test_own_files_precede_package_files(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "app.py").write_text("'theirs'")
    (packages / "other.py").write_text("")
    file = zipped(tmp_path, {"app.py": "'ours'"})
    archive.complete(file, packages)
    with ZipFile(file) as package:
        assert package.read("app.py") == b"'ours'"
        assert sources(package) == ["app.py", "other.py"]


def test_invalid_python_is_rejected(tmp_path: Path) -> None:
    file = zipped(tmp_path, {"some/broken.py": "def broken(:\n"})
    with pytest.raises(DeploymentFailed, match="could not be compiled") as failure:
        archive.complete(file)
    assert "some/broken.py" in str(failure.value)
    assert gettempdir() not in str(failure.value)
