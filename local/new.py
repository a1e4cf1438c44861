"""`.venv/bin/python -m local new ../my-app --name bookings`: an application from this project.

The copy has the whole history, so that `git merge template/v1.1.0` later brings a release of the
project into it. The project's tags are named `template/...` there, which leaves `v1.0.0` to the
application. Only words that people see change: in the code, `item` stays the general noun.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from infra import names
from infra.stage import LOCAL_STAGE
from tools.errors import CommandError, Misconfigured, Refused
from tools.project import PROJECT, PYTHON

#: The copy's remote, and the prefix of the project's tags.
REMOTE = "template"
#: The file with the scopes' descriptions, which Cognito shows and which name the items.
_SCOPES = "infra/templates/data.yaml"
_SCOPE = re.compile(r"(ScopeDescription: \w+ your )\w+")


class GitFailed(CommandError):
    """The message has the end of git's output."""


def new(target: Path, name: str, item: str | None = None, source: Path = PROJECT) -> None:
    """Create the application `name` in `target`, with one commit on the history of `source`.

    Raises `Misconfigured` for a name that AWS refuses, `Refused` for a target that is not empty or
    for uncommitted changes, and `GitFailed`. The target is complete, or it does not exist.
    """
    target = target.resolve()
    _check_names(source, name)
    _check_target(source, target)
    _check_source(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as directory:
        copy = Path(directory) / "copy"
        _clone(source, copy)
        _rename(copy, name)
        if item:
            _describe_scopes(copy, item)
        _git(copy, "commit", "--quiet", "--all", "--message", f"Name the application {name}")
        copy.rename(target)
    _explain(target)


def _check_names(source: Path, name: str) -> None:
    config = json.loads((source / ".chalice" / "config.json").read_text())
    for stage in ("", *(stage for stage in config["stages"] if stage != LOCAL_STAGE)):
        if problems := names.problems(name, stage):
            raise Misconfigured(f"{'; '.join(problems)}: pass another --name")
    if name == config["app_name"]:
        raise Misconfigured(f"{name} is this project's own name: pass another --name")


def _check_target(source: Path, target: Path) -> None:
    if target.is_relative_to(source):
        raise Refused(f"{target} is in this project's directory: pass a directory outside")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} is not an empty directory: pass another directory")


def _check_source(source: Path) -> None:
    # Otherwise git refuses the last step, after all others.
    _git(source, "var", "GIT_COMMITTER_IDENT")
    if changed := _git(source, "status", "--porcelain"):
        first = changed.splitlines()[0][3:]
        raise Refused(
            f"{source} has uncommitted changes ({first}), which a clone would not have: "
            "commit them, or run `git stash --include-untracked`"
        )
    if _git(source, "rev-parse", "--is-shallow-repository") == "true":
        raise Refused(f"{source} is a shallow clone: run `git fetch --unshallow`")


def _clone(source: Path, copy: Path) -> None:
    """Copy the current branch and all tags. `git clone` would give the tags their own names."""
    tags = f"+refs/tags/*:refs/tags/{REMOTE}/*"
    remotes = _git(source, "remote").splitlines()
    # Releases come from the origin. This directory may be deleted.
    origin = _git(source, "remote", "get-url", "origin") if "origin" in remotes else str(source)
    copy.mkdir()
    _git(copy, "init", "--quiet", "--initial-branch", "main")
    _git(copy, "remote", "add", REMOTE, origin)
    _git(copy, "config", f"remote.{REMOTE}.tagOpt", "--no-tags")
    _git(copy, "config", "--add", f"remote.{REMOTE}.fetch", tags)
    _git(copy, "fetch", "--quiet", "--no-tags", str(source), "HEAD", tags)
    _git(copy, "reset", "--quiet", "--hard", "FETCH_HEAD")


def _rename(copy: Path, name: str) -> None:
    """Write the copy's name into its settings and into each document that follows from them."""
    config = copy / ".chalice" / "config.json"
    text = config.read_text()
    old = json.dumps(json.loads(text)["app_name"])
    config.write_text(text.replace(f'"app_name": {old}', f'"app_name": {json.dumps(name)}', 1))
    # A separate process imports the copy. APP_NAME would override its settings.
    environment = {key: value for key, value in os.environ.items() if key != "APP_NAME"}
    result = subprocess.run(
        [sys.executable, "-m", "infra", "documents"],
        cwd=copy,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise CommandError(f"{PYTHON} -m infra documents failed in the copy: {_end(result)}")
    title = json.loads((copy / "docs" / "openapi.json").read_text())["info"]["title"]
    readme = copy / "README.md"
    _, _, rest = readme.read_text().partition("\n")
    readme.write_text(f"# {title}\n{rest}")


def _describe_scopes(copy: Path, item: str) -> None:
    file = copy / _SCOPES
    text, count = _SCOPE.subn(rf"\g<1>{item}s", file.read_text())
    if not count:
        raise CommandError(f"{_SCOPES} has no ScopeDescription with 'your': omit --item")
    file.write_text(text)


def _git(directory: Path, *arguments: str) -> str:
    """Run git and return its output. Raises `GitFailed`, `Misconfigured` without git."""
    try:
        result = subprocess.run(  # noqa: S603 - our own arguments, no shell
            ["git", *arguments],  # noqa: S607 - the developer's
            cwd=directory,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        if error.filename != "git":
            raise
        raise Misconfigured("git is missing: install it") from error
    if result.returncode:
        raise GitFailed(f"git {arguments[0]} failed in {directory}: {_end(result)}")
    return result.stdout.strip()


def _end(result: subprocess.CompletedProcess[str]) -> str:
    """Return the end of the output of a failed program."""
    lines = [line for line in (result.stderr or result.stdout).splitlines() if line.strip()]
    return lines[-1].removeprefix("fatal: ") if lines else f"exit status {result.returncode}"


def _explain(target: Path) -> None:
    print(
        f"created {target}\n\n"
        f"  cd {target}\n"
        "  git show                 # the name, and the documents that have it\n"
        "  make run\n"
        "  git remote add origin URL && git push -u origin main\n\n"
        "docs/make-it-yours.md shows how to add a field, a route and a second kind.\n"
        "To merge a later release:\n\n"
        f"  git fetch {REMOTE} && git merge {REMOTE}/v1.1.0\n"
        f"  {PYTHON} -m infra documents"
    )
