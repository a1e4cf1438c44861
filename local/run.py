"""`.venv/bin/python -m local run`: start the local cloud, deploy into it, and wait for Ctrl-C."""

import sys
import time
from pathlib import Path

from local import deployment, seed
from local.cloud import Cloud
from local.home import Home, LocalError
from local.viewer import viewer
from tools.progress import Report


class _Progress:
    """Prints each step with the seconds since the first."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{time.monotonic() - self._started:5.1f}s] {line}", flush=True)


def run(home: Home, port: int) -> None:
    """Run the local cloud until Ctrl-C. Raises `LocalError`, and the errors of a deployment."""
    report = _Progress()
    try:
        with Cloud(home, port, keep=True, report=report) as cloud:
            stack = deployment.deploy(cloud, report)
            stack["users"] = seed.create_users(cloud, stack["user_pool_id"])
            home.write_stack(stack)
            seed.create_items(home, stack, report)
            with viewer(stack["api_url"]) as documentation:
                _welcome(home, documentation, report)
                cloud.wait()
            raise LocalError(f"the local cloud has exited: read {home.log_file}")
    except KeyboardInterrupt:
        report("stopped")


def _welcome(home: Home, documentation: str, report: Report) -> None:
    stack = home.stack()
    first = stack["users"][0]["username"]
    report("ready")
    print(f"\n  Site     {stack['site_url']}")
    print(f"  API      {stack['api_url']}\n  API docs {documentation}")
    print(f"  Login    {stack['login_url']}")
    for user in stack["users"]:
        print(f"  User     {user['username']}  {user['password']}")
    python = Path(sys.executable)
    python = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    print(
        f'\n  curl -H "Authorization: Bearer $({python} -m local token {first} | tail -n 1)" '
        f"'{stack['api_url']}/items?limit=3'\n\nCtrl-C stops everything.",
        flush=True,
    )
