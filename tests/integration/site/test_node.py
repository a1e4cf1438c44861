"""A machine without Node."""

import subprocess
from pathlib import Path

from local.home import Home
from tools.node import find, npm


def test_machine_without_node_gets_one(tmp_path: Path) -> None:
    """The PATH has only the shell that runs npm's scripts."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "sh").symlink_to("/bin/sh")
    shared = Home().shared
    node = find(str(programs), shared)
    version = subprocess.run([node.npm[0], "--version"], capture_output=True, text=True)
    assert version.stdout.startswith("v24.")
    package = '{"name": "x", "version": "1.0.0", "scripts": {"build": "node build.mjs"}}'
    lock = '{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}'
    build = 'import { writeFileSync } from "fs"; writeFileSync("built", process.version);'
    files = {"package.json": package, "package-lock.json": lock, "build.mjs": build}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    npm(["run", "build"], tmp_path, path=str(programs), shared=shared)
    assert (tmp_path / "built").read_text() == version.stdout.strip()
