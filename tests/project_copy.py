"""A copy of the project, for tests that change or deploy it."""

import json
import shutil
from pathlib import Path

from tools.project import PROJECT

_FILES = ("app.py", "deploy_site.py")
_FOLDERS = ("chalicelib", "infra", "local", "ops", "tools", ".chalice")
#: The developer's own deployments, among others.
IGNORED = shutil.ignore_patterns("__pycache__", "deployed", "deployments", "policy-*.json")


def copy_project(directory: Path, *stages: str) -> Path:
    """Copy the application and its commands from the work tree, and add these stages."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        shutil.copy(PROJECT / name, directory)
    for name in _FOLDERS:
        shutil.copytree(PROJECT / name, directory / name, ignore=IGNORED)
    file = directory / ".chalice" / "config.json"
    config = json.loads(file.read_text())
    for stage in stages:
        config["stages"][stage] = {"iam_policy_file": f"policy-{stage}.json"}
    file.write_text(json.dumps(config))
    return directory
