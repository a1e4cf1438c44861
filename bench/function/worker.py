"""A running candidate: a new interpreter with the environment of Lambda only."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple, Self, cast

from tools.errors import CommandError

_RUNTIME = Path(__file__).parent / "runtime.py"

REGION = "us-east-1"
TABLE = "items"

_LAMBDA = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
    "APP_NAME": "items",
    "AWS_LAMBDA_FUNCTION_NAME": "items-prod",
    "AWS_LAMBDA_FUNCTION_VERSION": "1",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/items-prod",
    "AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/23/[1]0123456789abcdef0123456789abcdef",
    "_HANDLER": "app.app",
    "_X_AMZN_TRACE_ID": "Root=1-68a0b1c2-0123456789abcdef01234567;Sampled=0",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
}


class Failed(CommandError):
    """A candidate has exited. The message has its last output."""


class Took(NamedTuple):
    """Wall-clock time and CPU time, in milliseconds."""

    wall: float
    cpu: float


class Worker:
    """`path` has the directories of `sys.path` before the standard library's.

    `scratch` is for its output. `variables` are its environment variables in addition to Lambda's.
    `started` is the duration of the import. Raises `Failed`.
    """

    def __init__(self, path: Sequence[Path], scratch: Path, variables: Mapping[str, str]) -> None:
        self._errors = scratch / "errors"
        # Isolated, and without the packages of the environment that runs this. It must not keep
        # bytecode, as it could not on Lambda.
        command = [sys.executable, "-I", "-S", "-B", str(_RUNTIME), "app.app"]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
                [*command, str(scratch / "output"), *map(str, path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=path[0],
                env={
                    **_LAMBDA,
                    "TABLE_NAME": TABLE,
                    "LAMBDA_TASK_ROOT": str(path[0]),
                    "HOME": str(scratch),
                    **variables,
                },
            )
        try:
            self.started = _took(self._read())
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def ask(self, event: dict[str, Any], times: int = 1) -> tuple[Took, dict[str, Any]]:
        """Send the event `times` times. Return the total duration and the last response."""
        command = {"event": json.dumps(event), "times": times}
        print(json.dumps(command), file=self._process.stdin, flush=True)
        wall, cpu, answer = self._read()
        return _took((wall, cpu)), json.loads(answer)

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        return self.ask(event)[1]

    def _read(self) -> Any:
        line = cast(IO[str], self._process.stdout).readline()
        if not line:
            raise Failed("\n".join(self._errors.read_text().splitlines()[-3:]))
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()


def _took(nanoseconds: Sequence[int]) -> Took:
    wall, cpu = nanoseconds
    return Took(wall / 1e6, cpu / 1e6)
