"""Run commands in forks of one process that has imported the modules that they need.

Run as a program, in the project's directory, it reads one JSON line for each command and prints
the command's exit status. Importing the modules takes longer than most commands do.
"""

import json
import os
import runpy
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore import loaders, session

#: Services whose models are kept.
SERVICES = ("cloudformation", "cloudfront", "dynamodb", "lambda", "s3", "sts")
#: Programs that start anew, but whose imports are kept.
PROGRAMS = (
    "infra.__main__",
    "ops.__main__",
    "local.__main__",
    "deploy_site",
    "app",
    "tools.install",
    "tools.node",
)


class Forks:
    """A client of the process. It imports once, in `project`, and runs commands one at a time."""

    def __init__(self, project: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            cwd=project,
            env={**environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], directory: Path
    ) -> subprocess.CompletedProcess[str]:
        """Run `python *arguments`. `directory` is for its output."""
        out, err = directory / "stdout", directory / "stderr"
        request = {
            "arguments": arguments,
            "environment": environment,
            "files": [f"{out}", f"{err}"],
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        output, errors = out.read_text(), err.read_text()
        out.unlink()
        err.unlink()
        return subprocess.CompletedProcess(list(arguments), status, output, errors)

    def close(self) -> None:
        self._process.communicate()


def _import_modules() -> None:
    for name in PROGRAMS:
        __import__(name)
    for name in PROGRAMS:
        del sys.modules[name]
    # Each command has its own session, which would read the services' models again.
    loader = loaders.create_loader()
    session.create_loader = lambda *_: loader
    for service in SERVICES:
        session.Session().create_client(service, "us-east-1")


def _run(arguments: list[str], environment: dict[str, str], files: list[str]) -> int:
    """Run the command in this forked process. Return the exit status."""
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for descriptor, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), descriptor)
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = arguments
            runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _serve() -> None:
    sys.path[0] = os.getcwd()
    _import_modules()
    for line in sys.stdin:
        if pid := os.fork():
            print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
            continue
        status = _run(**json.loads(line))
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
