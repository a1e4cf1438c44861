"""Run the application on this machine: `.venv/bin/python -m local run`, then `token USERNAME`."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import httpx

from local import deployment, seed
from local.cloud import Cloud, become_root_of_the_local_cloud
from local.home import Home, LocalError, NotRunning, current_home
from local.sign_in import SCOPES, sign_in
from tools.command import exit_statuses, run_command
from tools.errors import CommandError, Misconfigured
from tools.project import PYTHON

DEFAULT_PORT = 4566


class _Progress:
    """Prints each step with the seconds since the first."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"[{time.monotonic() - self._started:5.1f}s] {line}", flush=True)


def run(arguments: argparse.Namespace) -> None:
    """Start the local cloud, deploy into it, and wait for Ctrl-C."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, interrupt)
    home, report = current_home(), _Progress()
    cloud = Cloud(home, arguments.port, keep=True, report=report)
    try:
        with cloud:
            stack = deployment.deploy(cloud, report)
            stack["users"] = seed.create_users(cloud, stack["user_pool_id"])
            home.write_stack(stack)
            seed.create_items(stack, report)
            _welcome(home, report)
            cloud.wait()
            raise LocalError(f"the local cloud has ended; {home.log_file} may say why")
    except KeyboardInterrupt:
        report("stopped")


def _welcome(home: Home, report: _Progress) -> None:
    stack = home.stack()
    first = stack["users"][0]["username"]
    report("ready")
    print(f"\n  Site     {stack['site_url']}")
    print(f"  API      {stack['api_url']}\n  Login    {stack['login_url']}")
    for user in stack["users"]:
        print(f"  User     {user['username']}  {user['password']}")
    python = Path(sys.executable)
    python = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    print(
        f'\n  curl -H "Authorization: Bearer $({python} -m local token {first} | tail -n 1)" '
        f"'{stack['api_url']}/items?limit=3'\n\nCtrl-C stops everything.",
        flush=True,
    )


def token(arguments: argparse.Namespace) -> None:
    """Sign in and print an access token as the last line."""
    stack = current_home().running_stack()
    passwords = {user["username"]: user["password"] for user in stack["users"]}
    if arguments.username not in passwords:
        raise Misconfigured(f"no user {arguments.username}; there are {', '.join(passwords)}")
    tokens = sign_in(
        stack["login_url"],
        stack["client_id"],
        arguments.username,
        passwords[arguments.username],
        arguments.scope or SCOPES,
    )
    print(tokens["access_token"])


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"{PYTHON} -m local",
        description=__doc__,
        epilog=exit_statuses(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    running = commands.add_parser("run", help="start the local cloud and deploy into it")
    running.add_argument(
        "--port",
        type=int,
        default=DEFAULT_PORT,
        help="listen on this port of 127.0.0.1 (default: %(default)s)",
    )
    running.set_defaults(command=run)
    tokens = commands.add_parser("token", help="print an access token, as the last line")
    tokens.add_argument("username", metavar="USERNAME", help="sign in as this user")
    tokens.add_argument(
        "--scope",
        action="append",
        help=f"request this scope; repeatable (default: {' and '.join(SCOPES)})",
    )
    tokens.set_defaults(command=token)
    return parser


def _explain(error: Exception) -> CommandError | None:
    """Return what to do about an error of an HTTP request to the local cloud."""
    if isinstance(error, httpx.ConnectError):
        return NotRunning("the local cloud does not respond; start it with `make run`")
    if isinstance(error, httpx.HTTPStatusError):
        status, log = error.response.status_code, current_home().log_file
        return LocalError(f"the API responds with {status}; the end of {log} may say why")
    return LocalError(str(error)) if isinstance(error, httpx.HTTPError) else None


def main() -> int:
    """Return the exit status."""
    arguments = parser().parse_args()
    # Whoever the person is on AWS, and through whatever proxy, this stays on the machine.
    become_root_of_the_local_cloud()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    return run_command(lambda: arguments.command(arguments), explain=_explain)


if __name__ == "__main__":
    sys.exit(main())
