"""Lighthouse on the page, as it is deployed into a local cloud of its own.

    .venv/bin/python -m bench.lighthouse

Signed out and signed in, as a phone and as a desktop. Prints each audit that is not perfect, with
the reason, and writes the scores into `docs/site-quality.md`.
"""

import argparse
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from local import deployment, seed
from local.cloud import Cloud, become_root_of_the_local_cloud
from local.home import Home
from tools import node
from tools.command import run_command
from tools.errors import CommandError, Misconfigured
from tools.project import PROJECT, PYTHON

_HERE = Path(__file__).parent
_REPORT = PROJECT / "docs" / "site-quality.md"
_CATEGORIES = {
    "performance": "Performance",
    "accessibility": "Accessibility",
    "best-practices": "Best practices",
}


def _chromium() -> str:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "google-chrome", "chromium-browser")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise Misconfigured("no Chromium: run `apt install chromium`, or set CHROMIUM to its path")
    return found


def _install(tool: node.Node) -> Path:
    """Install the locked version of Lighthouse once per lock file, and return its directory."""
    lock = (_HERE / "package-lock.json").read_bytes()
    directory = Home().shared / f"lighthouse-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not (directory / ".installed").exists():
        print("installing Lighthouse (once)", flush=True)
        directory.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(_HERE / name, directory)
        subprocess.run(  # noqa: S603 - our own arguments, no shell
            [*tool.npm, "ci"], cwd=directory, env={**os.environ, "PATH": tool.path}, check=True
        )
        (directory / ".installed").touch()
    # Next to its node_modules, because Node looks for imports there.
    shutil.copy(_HERE / "run.mjs", directory)
    return directory


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _measure(stack: dict[str, Any]) -> list[dict[str, Any]]:
    tool = node.find(os.environ.get("PATH", os.defpath), Home().shared)
    wanted = {**stack["users"][0], "url": f"{stack['site_url']}/", "chromium": _chromium()}
    result = subprocess.run(  # noqa: S603 - our own arguments, no shell
        ["node", "run.mjs", json.dumps(wanted)],  # noqa: S607 - the one that was found
        cwd=_install(tool),
        env={**os.environ, "PATH": tool.path},
        stdout=subprocess.PIPE,
        check=True,
        timeout=600,
    )
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def _name(run: dict[str, Any]) -> str:
    return f"{'signed in' if run['signedIn'] else 'signed out'}, {run['device']}"


def check_scores(runs: list[dict[str, Any]]) -> None:
    """Raise `CommandError` if Lighthouse has not measured a score, as when no content appears."""
    missing = [_name(run) for run in runs if None in run["scores"].values()]
    if missing:
        raise CommandError(f"Lighthouse did not score {' and '.join(missing)}: run this again")


def _percent(run: dict[str, Any], category: str) -> str:
    score = run["scores"][category]
    return "none" if score is None else f"{score * 100:.0f}"


def _table(runs: list[dict[str, Any]]) -> str:
    lines = [f"| | {' | '.join(_CATEGORIES.values())} |", "|---|---|---|---|"]
    for run in runs:
        scores = " | ".join(_percent(run, category) for category in _CATEGORIES)
        lines.append(f"| {_name(run)} | {scores} |")
    return "\n".join(lines)


def _print(runs: list[dict[str, Any]]) -> None:
    for run in runs:
        print(f"\n{_name(run)}: {run['address']}")
        for warning in run["warnings"]:
            print(f"  warning: {warning}")
        for kind in ("failed", "hints"):
            for audit in run[kind]:
                print(f"  {kind} {audit['score']} {audit['id']}: {audit['title']} {audit['shown']}")
                for detail in audit["details"]:
                    print(f"      {detail}")
    print(f"\n{_table(runs)}")


def _write(runs: list[dict[str, Any]]) -> None:
    version = json.loads((_HERE / "package.json").read_text())["dependencies"]["lighthouse"]
    failed = sorted({f"{a['title']} (`{a['id']}`)" for run in runs for a in run["failed"]})
    _REPORT.write_text(
        "# The page, measured\n\n"
        f"Lighthouse {version} on the page as `make run` deploys it. "
        f"`{PYTHON} -m bench.lighthouse`\nmeasures again and writes this file. "
        "A phone is Lighthouse's: a slow one on a slow network. Signed in is a second visit.\n\n"
        f"{_table(runs)}\n\n"
        "Locally everything is plain HTTP/1.1 without compression, which costs performance on the "
        "phone; on\nAWS it is neither. HTTPS itself is not judged here: *.localhost counts as "
        "secure without.\n\n"
        "Not perfect: " + ("; ".join(failed) or "nothing") + ".\n"
    )


def run() -> None:
    become_root_of_the_local_cloud()
    with (
        tempfile.TemporaryDirectory() as home,
        Cloud(Home(Path(home)), _free_port(), keep=False) as cloud,
    ):
        stack = deployment.deploy(cloud)
        stack["users"] = seed.create_users(cloud, stack["user_pool_id"])
        seed.create_items(cloud.home, stack)
        runs = _measure(stack)
    _print(runs)
    check_scores(runs)
    _write(runs)


def main() -> int:
    """Return the exit status."""
    argparse.ArgumentParser(
        prog=f"{PYTHON} -m bench.lighthouse",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    return run_command(run)


if __name__ == "__main__":
    sys.exit(main())
