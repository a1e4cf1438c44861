"""The application on this machine: `python -m local run`, then `python -m local token NAME`."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

import httpx

from infra.errors import DeploymentFailed
from infra.site.errors import SiteError
from local import deployment, embedded, seed
from local.cloud import Cloud, become_root_of_the_local_cloud
from local.home import Home, LocalError, current_home
from local.sign_in import SCOPES, sign_in
from local.tokens import subject_of
from tools.install import InstallFailed
from tools.node import NodeError

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
    scopes = arguments.scope or SCOPES
    if arguments.embedded:
        key = embedded.signing_key(current_home())
        print(key.token(subject_of(arguments.username), scopes))
        return
    stack = current_home().stack()
    passwords = {user["username"]: user["password"] for user in stack["users"]}
    if arguments.username not in passwords:
        raise LocalError(f"no user {arguments.username}; there are {', '.join(passwords)}")
    tokens = sign_in(
        stack["login_url"],
        stack["client_id"],
        arguments.username,
        passwords[arguments.username],
        scopes,
    )
    print(tokens["access_token"])


def main() -> int:
    """0 done, 1 it failed, 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    running = commands.add_parser("run", help="start the local cloud and deploy into it")
    running.add_argument("--port", type=int, default=DEFAULT_PORT, help="default: %(default)s")
    running.set_defaults(command=run)
    tokens = commands.add_parser("token", help="print an access token, as the last line")
    tokens.add_argument("username", metavar="USERNAME")
    tokens.add_argument(
        "--scope", action="append", help=f"repeatable; default: {' and '.join(SCOPES)}"
    )
    tokens.add_argument(
        "--embedded", action="store_true", help="for the embedded default of `chalice local`"
    )
    tokens.set_defaults(command=token)
    arguments = parser.parse_args()
    # Whoever the person is on AWS, and through whatever proxy, this stays on the machine.
    become_root_of_the_local_cloud()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    try:
        arguments.command(arguments)
    except httpx.ConnectError:
        print("error: the local cloud does not answer; start it with `make run`", file=sys.stderr)
        return 1
    except httpx.HTTPStatusError as error:
        answer, log = error.response.status_code, current_home().log_file
        print(f"error: the API answers {answer}; the end of {log} may say why", file=sys.stderr)
        return 1
    except (
        LocalError,
        DeploymentFailed,
        InstallFailed,
        SiteError,
        NodeError,
        httpx.HTTPError,
    ) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
