"""Read the CPU time and memory of processes from Linux's `/proc`."""

import os
import time
from pathlib import Path
from typing import NamedTuple

from bench.function.service import CannotRun

_PROC = Path("/proc")


class Work(NamedTuple):
    """Processor time of the emulator, the function's own processes, and the load's generator."""

    emulator: float
    function: float
    generator: float


class Process(NamedTuple):
    """`seconds` is its CPU time until now. `session` is the leader of its session."""

    parent: int
    session: int
    seconds: float


class Meter:
    """Measure the CPU time of the emulator and of its function processes, from now on.

    Raises `CannotRun` if this is not Linux or if no emulator runs that this process has started.
    """

    def __init__(self) -> None:
        self._before = _processes()
        # Only the emulator has its own session among our child processes.
        led = [pid for pid, each in self._before.items() if pid == each.session]
        ours = [pid for pid in led if self._before[pid].parent == os.getpid()]
        if len(ours) != 1:
            raise CannotRun("this process did not start exactly one emulator")
        [self._emulator] = ours
        self._own = time.process_time()

    def work(self) -> Work:
        """Return the seconds. A process that has exited since does not count."""
        now = _processes()
        found = {self._emulator}
        while more := {pid for pid, each in now.items() if each.parent in found} - found:
            found |= more
        function = sum(self._since(now, pid) for pid in found - {self._emulator})
        generator = time.process_time() - self._own
        return Work(self._since(now, self._emulator), function, generator)

    def _since(self, now: dict[int, Process], pid: int) -> float:
        before = self._before.get(pid)
        return now[pid].seconds - (before.seconds if before else 0.0)


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    pages = int((_PROC / str(pid) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _processes() -> dict[int, Process]:
    if not (_PROC / "self" / "stat").exists():
        raise CannotRun("the measurement reads /proc: run it on Linux")
    found = {}
    for directory in _PROC.glob("[0-9]*"):
        try:
            text = (directory / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        # After the name, which may hold anything: man 5 proc, from the third field on.
        fields = text.rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        seconds = ticks / os.sysconf("SC_CLK_TCK")
        found[int(directory.name)] = Process(int(fields[1]), int(fields[3]), seconds)
    return found
