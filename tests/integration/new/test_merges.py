"""A later release of the template, merged into an application created from an earlier one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.new.conftest import NAME, git, variables
from tools.project import version

#: The changes of a release: code, the page, a document, settings and a template, away from the
#: name.
RELEASE = {
    "app.py": ('"""', '"""The routes of release 1.1.0. '),
    "chalicelib/retry.py": ("import", "import fractions\nimport"),
    "website/src/views/landing.ts": ("Brass clock", "Brass bell"),
    "docs/architecture.md": ("# ", "# The "),
    "README.md": ("## Run it", "## Run it now"),
    ".chalice/config.json": ('"lambda_timeout": 10', '"lambda_timeout": 9'),
    "infra/templates/data.yaml": ("MinimumLength: 12", "MinimumLength: 14"),
}


@pytest.fixture
def copies(template: Path, application: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The template and the application, each to be changed by one test."""
    for source in (template, application):
        shutil.copytree(source, tmp_path / source.name)
    git(tmp_path / application.name, "remote", "set-url", "template", str(tmp_path / template.name))
    return tmp_path / template.name, tmp_path / application.name


def release(template: Path, changes: dict[str, tuple[str, str]]) -> None:
    """Commit the changes as release 1.1.0."""
    for name, (old, new) in changes.items():
        text = (template / name).read_text()
        assert old in text, name
        (template / name).write_text(text.replace(old, new, 1))
    git(template, "commit", "--quiet", "--all", "--message", "Release 1.1.0")
    git(template, "tag", "v1.1.0")


def document(directory: Path) -> None:
    """Write the generated documents anew."""
    command = [sys.executable, "-m", "infra", "documents"]
    subprocess.run(command, cwd=directory, env=variables() | {"APP_NAME": ""}, check=True)


def test_release_merges_without_a_conflict(copies: tuple[Path, Path]) -> None:
    template, application = copies
    release(template, RELEASE)
    git(application, "fetch", "--quiet", "template")
    git(application, "merge", "--quiet", "--no-edit", "template/v1.1.0")
    assert git(application, "status", "--porcelain") == ""
    assert git(application, "tag").splitlines() == ["template/v1.0.0", "template/v1.1.0"]
    for name, (_, new) in RELEASE.items():
        assert new in (application / name).read_text()
    assert f'"app_name": "{NAME}"' in (application / ".chalice" / "config.json").read_text()


def test_line_with_the_name_conflicts(copies: tuple[Path, Path]) -> None:
    """Otherwise the test above could pass because git merges everything."""
    template, application = copies
    release(template, {"README.md": ("# ", "# The ")})
    git(application, "fetch", "--quiet", "template")
    git(application, "merge", "--quiet", "--no-edit", "template/v1.1.0", status=1)
    assert git(application, "diff", "--name-only", "--diff-filter=U") == "README.md"


@pytest.mark.long
def test_documents_after_a_merge_are_current(copies: tuple[Path, Path]) -> None:
    """A release with its version and a new description, which the documents have."""
    template, application = copies
    described = ("Return a page of your", "Return one page of your")
    release(template, RELEASE | {"app.py": described, "VERSION": (version(), "1.1.0")})
    document(template)
    git(template, "commit", "--quiet", "--all", "--message", "Write the documents")
    git(template, "tag", "--force", "v1.1.0")
    git(application, "fetch", "--quiet", "template")
    git(application, "merge", "--quiet", "--no-edit", "template/v1.1.0")
    document(application)
    assert '"version": "1.1.0"' in (application / "docs" / "openapi.json").read_text()
    assert git(application, "status", "--porcelain") == ""
