"""The application on this machine.

python -m local run            start the local cloud, and deploy into it
python -m local dev            beside it: the page and the API, with reload
python -m local token NAME     print an access token
python -m local logs           print the log of the deployed function
"""

import argparse
import os
import signal
import sys
from types import FrameType

import httpx
from botocore.exceptions import EndpointConnectionError

from infra.site.errors import SiteError
from infra.stack import DeploymentFailed
from local.cloud import become_root_of_the_local_cloud
from local.dev import dev
from local.home import LocalError, current_home
from local.logs import duration, logs
from local.run import run
from local.sign_in import SCOPES, sign_in
from tools.install import InstallFailed
from tools.node import NodeError

DEFAULT_PORT = 4566
DEFAULT_DEV_PORT = 8000


def _run(arguments: argparse.Namespace) -> None:
    run(current_home(), arguments.port)


def _dev(arguments: argparse.Namespace) -> None:
    dev(current_home(), arguments.port)


def _logs(arguments: argparse.Namespace) -> None:
    logs(current_home(), arguments.since, arguments.follow)


def _token(arguments: argparse.Namespace) -> None:
    stack = current_home().stack()
    passwords = {user["username"]: user["password"] for user in stack["users"]}
    if arguments.username not in passwords:
        raise LocalError(f"no user {arguments.username}; there are {', '.join(passwords)}")
    tokens = sign_in(
        stack["login_url"],
        stack["client_id"],
        arguments.username,
        passwords[arguments.username],
        arguments.scope or SCOPES,
    )
    print(tokens["access_token"])


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError(text)
    return port


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    running = commands.add_parser("run", help="start the local cloud and deploy into it")
    running.add_argument("--port", type=_port, default=DEFAULT_PORT, help="default: %(default)s")
    running.set_defaults(command=_run)
    developing = commands.add_parser("dev", help="serve the page and the API, with reload")
    developing.add_argument(
        "--port", type=_port, default=DEFAULT_DEV_PORT, help="of the API; default: %(default)s"
    )
    developing.set_defaults(command=_dev)
    tokens = commands.add_parser("token", help="print an access token, as the last line")
    tokens.add_argument("username", metavar="USERNAME")
    tokens.add_argument(
        "--scope", action="append", help=f"repeatable; default: {' and '.join(SCOPES)}"
    )
    tokens.set_defaults(command=_token)
    logging = commands.add_parser("logs", help="print what the deployed function has logged")
    logging.add_argument("--follow", action="store_true", help="wait for more, until Ctrl-C")
    logging.add_argument(
        "--since",
        type=duration,
        default="10m",
        metavar="DURATION",
        help="print events since 90s, 10m, 2h or 1d ago; default: %(default)s",
    )
    logging.set_defaults(command=_logs)
    return parser


def main() -> int:
    """Return the exit status: 0 done, 1 failed, 2 usage."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    arguments = _parser().parse_args()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, interrupt)
    # Whoever the person is on AWS, and through whatever proxy, this stays on the machine.
    become_root_of_the_local_cloud()
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"
    try:
        arguments.command(arguments)
    except (httpx.ConnectError, EndpointConnectionError):
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
