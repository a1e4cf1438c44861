"""The zip has the packages of requirements.txt, for the function's platform."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.function.dependencies import GLIBC as BUILT_FOR
from infra.function.dependencies import install
from infra.function.package import package_code
from infra.stage import Stage
from tools.install import InstallFailed, pip_platform
from tools.project import PROJECT

REQUIREMENTS = PROJECT / "requirements.txt"
# The system libraries of Lambda's runtime for this Python.
GLIBC = (2, 26) if sys.version_info < (3, 12) else (2, 34)
#: By Lambda's name: Linux's, and the number in the header of an ELF file.
MACHINES = {"arm64": ("aarch64", 183), "x86_64": ("x86_64", 62)}


def platforms(wheel: Path) -> set[str]:
    """Return the platform tags of the unpacked wheel."""
    tags = re.findall(r"^Tag: (\S+)$", wheel.read_text(), re.MULTILINE)
    return {tag.rpartition("-")[2] for tag in tags}


def runs_on_lambda(platform: str, machine: str) -> bool:
    """Whether a wheel's platform is Linux with at most the runtime's C library."""
    found = re.fullmatch(rf"manylinux_(\d+)_(\d+)_{machine}", platform)
    if found:
        return (int(found[1]), int(found[2])) <= GLIBC
    return platform in ("any", f"manylinux2014_{machine}")


@pytest.mark.parametrize("architecture", MACHINES)
def test_wheels_match_the_architecture(architecture: str) -> None:
    machine = MACHINES[architecture][0]
    wheels = sorted(install(REQUIREMENTS, architecture).glob("*.dist-info/WHEEL"))
    names = {wheel.parent.name.partition("-")[0].lower().replace("_", "-") for wheel in wheels}
    assert names == set(re.findall(r"^([\w-]+)==", REQUIREMENTS.read_text(), re.MULTILINE))
    for wheel in wheels:
        tags = platforms(wheel)
        assert any(runs_on_lambda(tag, machine) for tag in tags), (wheel.parent.name, tags)
    assert any("any" not in platforms(wheel) for wheel in wheels), "none is compiled"


@pytest.mark.parametrize("architecture", MACHINES)
def test_compiled_wheels_run_on_the_function(architecture: str) -> None:
    libraries = list(install(REQUIREMENTS, architecture).rglob("*.so*"))
    assert libraries
    for library in libraries:
        content = library.read_bytes()
        assert content.startswith(b"\x7fELF\x02\x01"), library  # 64 bits, least byte first
        assert int.from_bytes(content[18:20], "little") == MACHINES[architecture][1], library
        wanted = {int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", content)}
        assert max(wanted) <= GLIBC[1], library
        assert f"cpython-{sys.version_info.major}{sys.version_info.minor}-" in library.name


@pytest.mark.parametrize("machine", [machine for machine, _ in MACHINES.values()])
def test_pip_asks_for_no_newer_system(machine: str) -> None:
    arguments = pip_platform(machine, BUILT_FOR)
    asked = [each.partition("--platform=")[2] for each in arguments if "--platform" in each]
    assert f"manylinux_2_{BUILT_FOR}_{machine}" in asked
    assert all(runs_on_lambda(platform, machine) for platform in asked)


def forged(stage: Stage, change: Callable[[str], str]) -> Path:
    file = stage.project / "requirements.txt"
    text = REQUIREMENTS.read_text()
    file.write_text(change(text))
    assert file.read_text() != text
    return file


def test_a_package_with_another_hash_is_refused(stage: Stage, tmp_path: Path) -> None:
    forged(stage, lambda text: re.sub(r"sha256:...", "sha256:000", text))
    out = tmp_path / "out"
    with pytest.raises(InstallFailed) as failure:
        package_code(stage, out)
    said = str(failure.value)
    assert said.startswith("a package could not be installed: ")
    assert re.search(r"Hash mismatch for `msgspec==", said)
    assert not (out / "deployment.zip").exists()


@pytest.mark.parametrize("architecture", ["arm64", ""])
def test_a_package_without_a_hash_is_refused(
    architecture: str, stage: Stage, tmp_path: Path
) -> None:
    file = forged(stage, lambda _: "jmespath==1.1.0\n")
    with pytest.raises(InstallFailed, match=r"jmespath==1\.1\.0"):
        install(file, architecture, tmp_path)


def test_unlisted_package_is_not_installed(stage: Stage, tmp_path: Path) -> None:
    """httpcore needs two other packages."""
    pinned = (PROJECT / "requirements-dev.txt").read_text()
    [entry] = re.findall(r"^httpcore==.*?\n(?=\S)", pinned, re.MULTILINE | re.DOTALL)
    file = forged(stage, lambda _: entry)
    (only,) = install(file, "arm64", tmp_path / "shared").glob("*.dist-info")
    assert only.name.startswith("httpcore-")
    # It is not downloaded again either.
    (only / "kept").touch()
    assert (install(file, "arm64", tmp_path / "shared") / only.name / "kept").exists()
