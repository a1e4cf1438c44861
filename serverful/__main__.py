"""Serve the API on the table of `make run`, at a second port, with gunicorn as in the container.

BIND sets the address (default: 127.0.0.1:8080), WEB_CONCURRENCY the number of processes (2).
"""

import argparse
import os
import sys

from local.home import current_home
from tools.command import exit_statuses, run_command
from tools.install import prepare_once
from tools.project import PROJECT, PYTHON

LOCK = PROJECT / "serverful" / "requirements.txt"
#: The arguments of the interpreter, as in the Dockerfile.
ARGUMENTS = ("-m", "gunicorn", "--config", "python:serverful.gunicorn_conf")


def serve() -> None:
    """Become gunicorn. Raises `NotRunning`, `InstallFailed`."""
    home = current_home()
    stack = home.running_stack()
    python = prepare_once(home.shared, "packages of the container", LOCK) / "bin" / "python"
    # Excludes the developer's own AWS settings.
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("AWS_")}
    settings = {
        "STAGE": "local",
        "TABLE_NAME": stack["table_name"],
        "USER_POOL_ARN": stack["user_pool_arn"],
        "AWS_ENDPOINT_URL": stack["endpoint_url"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    os.chdir(PROJECT)
    os.execve(python, [str(python), *ARGUMENTS], {**inherited, **settings})  # noqa: S606 - no shell


def main() -> int:
    """Return the exit status, unless this process becomes gunicorn."""
    argparse.ArgumentParser(
        prog=f"{PYTHON} -m serverful",
        description=__doc__,
        epilog=exit_statuses(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    return run_command(serve)


if __name__ == "__main__":
    sys.exit(main())
