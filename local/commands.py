"""Run the application on this machine: `.venv/bin/python -m local run`, then `token USERNAME`."""

import argparse
import signal
from pathlib import Path
from types import FrameType

import httpx
from botocore.exceptions import EndpointConnectionError

from local import embedded
from local.cloud import become_root_of_the_local_cloud
from local.dev import dev
from local.home import LocalError, NotRunning, current_home
from local.logs import duration, logs
from local.new import new
from local.run import run
from local.sign_in import SCOPES, sign_in
from local.tokens import subject_of
from tools.command import exit_statuses, run_command
from tools.errors import CommandError, Misconfigured
from tools.project import PYTHON

DEFAULT_PORT = 4566
DEFAULT_DEV_PORT = 8000

NEW = """\
Create an application from this project, with its git history.

One commit changes app_name in .chalice/config.json, README's title, and the generated documents
that contain the name. --item changes the scopes' descriptions in infra/templates/data.yaml, which
the sign-in shows. Change other words yourself: the page's text is in website/src, its landing page
in website/src/views/landing.ts. Code and routes keep the noun item, so that later releases merge:
git fetch template && git merge template/v1.1.0"""


def _run(arguments: argparse.Namespace) -> None:
    run(current_home(), arguments.port)


def _dev(arguments: argparse.Namespace) -> None:
    dev(current_home(), arguments.port)


def _logs(arguments: argparse.Namespace) -> None:
    logs(current_home(), arguments.since, arguments.follow)


def _token(arguments: argparse.Namespace) -> None:
    scopes = arguments.scope or SCOPES
    if arguments.embedded:
        key = embedded.signing_key(current_home())
        print(key.token(subject_of(arguments.username), scopes))
        return
    stack = current_home().running_stack()
    passwords = {user["username"]: user["password"] for user in stack["users"]}
    if arguments.username not in passwords:
        raise Misconfigured(f"no user {arguments.username}: pass one of {', '.join(passwords)}")
    tokens = sign_in(
        stack["login_url"],
        stack["client_id"],
        arguments.username,
        passwords[arguments.username],
        scopes,
    )
    print(tokens["access_token"])


def _new(arguments: argparse.Namespace) -> None:
    new(arguments.directory, arguments.name, arguments.item)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


def _word(text: str) -> str:
    if not (text.isalpha() and text.islower()):
        raise argparse.ArgumentTypeError(f"{text!r} is not one lower-case word, such as booking")
    return text


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
        type=_port,
        default=DEFAULT_PORT,
        help="listen on this 127.0.0.1 port (default: %(default)s)",
    )
    running.set_defaults(command=_run)
    developing = commands.add_parser("dev", help="serve the page and the API, with reload")
    developing.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_DEV_PORT,
        help="serve the API on this port (default: %(default)s)",
    )
    developing.set_defaults(command=_dev)
    tokens = commands.add_parser("token", help="print an access token, as the last line")
    tokens.add_argument("username", metavar="USERNAME", help="sign in as this user")
    tokens.add_argument(
        "--scope",
        action="append",
        help=f"request this scope; repeatable (default: {' and '.join(SCOPES)})",
    )
    tokens.add_argument(
        "--embedded",
        action="store_true",
        help="sign a token for the embedded table of `chalice local`, for any user",
    )
    tokens.set_defaults(command=_token)
    logging = commands.add_parser("logs", help="print the deployed function's log")
    logging.add_argument("--follow", action="store_true", help="wait for new events, until Ctrl-C")
    logging.add_argument(
        "--since",
        type=duration,
        default="10m",
        metavar="DURATION",
        help="print events since 90s, 10m, 2h or 1d ago (default: %(default)s)",
    )
    logging.set_defaults(command=_logs)
    creating = commands.add_parser(
        "new",
        help="create an application from this project, with its git history",
        description=NEW,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    creating.add_argument(
        "directory", type=Path, metavar="DIRECTORY", help="create it in this directory"
    )
    creating.add_argument(
        "--name", required=True, help="set its app_name: lower-case letters, digits, hyphens"
    )
    creating.add_argument(
        "--item",
        type=_word,
        metavar="NOUN",
        help="write NOUNs instead of items in the scopes' descriptions",
    )
    creating.set_defaults(command=_new)
    return parser


def _explain(error: Exception) -> CommandError | None:
    """Return the explanation of an error of a request to the local cloud, `None` if unknown."""
    if isinstance(error, (httpx.ConnectError, EndpointConnectionError)):
        return NotRunning("the local cloud does not respond: run `make run`")
    if isinstance(error, httpx.HTTPStatusError):
        status, log = error.response.status_code, current_home().log_file
        return LocalError(f"the API returned {status}: read the end of {log}")
    return LocalError(str(error)) if isinstance(error, httpx.HTTPError) else None


def main() -> int:
    """Return the exit status."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    arguments = parser().parse_args()
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, interrupt)
    # Ignore the person's AWS credentials and proxies, so that requests stay on this machine.
    become_root_of_the_local_cloud()
    return run_command(lambda: arguments.command(arguments), explain=_explain)
