"""A command that ends with the process that started it, even if that is killed.

The command runs under a guard: this file, as a program of its own. The guard's standard input is a
pipe, which the kernel closes when its other end is gone. Then the guard terminates the command.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO


class Child:
    """A command in a process group of its own, so that Ctrl-C does not reach it directly.

    `output` receives its output, by default this process's output. The command inherits `lock`, a
    file descriptor.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        output: IO[bytes] | None = None,
        lock: int | None = None,
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments, no shell
            [sys.executable, "-I", "-S", __file__, *command],
            env=env,
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            pass_fds=[] if lock is None else [lock],
        )

    @property
    def group(self) -> int:
        """Return the id of its process group."""
        return self._process.pid

    def status(self) -> int | None:
        """Return its exit status, or `None` while it runs."""
        return self._process.poll()

    def wait(self) -> None:
        """Wait until it has ended by itself."""
        self._process.wait()

    def stop(self, seconds: float) -> bool:
        """Terminate it and all that it started. Return False if it took longer and was killed."""
        if self._process.stdin:
            self._process.stdin.close()
        in_time = True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            in_time = False
        with suppress(ProcessLookupError, PermissionError):  # the second on macOS, for zombies
            os.killpg(self.group, signal.SIGKILL)
        self._process.wait()
        return in_time


def _guard(command: Sequence[str]) -> int:
    """Run the command until it or standard input ends, and return its exit status."""
    # The command inherits the lock that was passed to this process.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False)  # noqa: S603 - ours
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())

    def terminate_at_end_of_input() -> None:
        while os.read(0, 1024):
            pass
        process.terminate()

    threading.Thread(target=terminate_at_end_of_input, daemon=True).start()
    status = process.wait()
    # Terminate the processes that the command started.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    return status


if __name__ == "__main__":
    sys.exit(_guard(sys.argv[1:]))
