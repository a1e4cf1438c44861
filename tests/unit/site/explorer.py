"""Explore every order of the calls of two deployments, with the real code.

A deployment is deterministic: its responses so far decide its next call. The explorer therefore
runs the code from its beginning with these responses, and stops it at its next call. It applies
that call to a bucket that is a value, and continues from each new state.

A kill needs no step of its own. In every state, any deployment that has not ended may have been
killed, so the invariants must hold in each state without a further call.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from infra.site.errors import Conflict
from infra.site.manifest import MANIFEST_KEY
from infra.site.plan import Options
from infra.site.release import deploy
from infra.site.target import Target
from tests.unit.site.world import WRITES, Call, Failure, World, apply, live, top
from tests.unit.site.world import Client as Fake

TARGET = Target("b", "d", "https://site", {})
NOW = 1.8e9


class Paused(BaseException):
    """The run has come to a call that has no response yet."""


class Job(NamedTuple):
    """One deployment: its name, its directory and its options."""

    name: str
    source: Path
    delete: bool = False
    verify: bool = False

    def site(self) -> dict[str, bytes]:
        files = (file for file in self.source.rglob("*") if file.is_file())
        return {str(file.relative_to(self.source)): file.read_bytes() for file in files}

    def run(self, respond: Callable[[Call], Any]) -> None:
        client = Fake(respond)
        deploy(
            self.source,
            TARGET,
            lambda _service: client,
            options=Options(delete=self.delete, grace_days=0, no_verify=not self.verify, workers=1),
            report=lambda _line: None,
            now=lambda: NOW,
            new_id=lambda: self.name,
        )


#: The responses that a run has had, with their calls.
History = tuple[tuple[Call, Any], ...]


class Ended(NamedTuple):
    error: BaseException | None


class State(NamedTuple):
    """`lost` counts the responses that may still be lost.

    `preemptions` counts the interruptions that deployments may still have, if it has a bound.
    """

    world: World
    histories: tuple[History, ...]
    lost: int = 0
    preemptions: int | None = None
    turn: int | None = None


class Violation(AssertionError):
    """An invariant does not hold. The message has the calls that lead there."""


def run_alone(world: World, job: Job) -> tuple[World, list[Call]]:
    """Run the job to its end. Return the bucket and the calls."""
    calls: list[Call] = []

    def respond(call: Call) -> Any:
        nonlocal world
        calls.append(call)
        world, result = apply(world, call, job.name)
        check_references(world)
        return result

    job.run(respond)
    return world, calls


def check_references(world: World) -> None:
    """Raise `Violation` if a live page names an absent asset."""
    objects = live(world)
    for key, page in objects.items():
        if key.endswith(".html"):
            missing = set(re.findall(rb'src="/([^"]+)"', page.body or b"")) - {
                name.encode() for name in objects
            }
            if missing:
                raise Violation(f"{key} names {missing}")


@dataclass
class Explorer:
    """Explores two jobs from one bucket. `excused` counts the kills that docs/site.md excuses."""

    jobs: tuple[Job, ...]
    start: World
    lost: int = 0
    preemptions: int | None = None
    counts: Counter[str] = field(default_factory=Counter)
    _next: dict[tuple[int, History], Call | Ended] = field(default_factory=dict)
    _sites: dict[str, dict[str, bytes]] = field(default_factory=dict)
    _converged: set[World] = field(default_factory=set)

    def explore(self) -> Counter[str]:
        """Visit every state. Raises `Violation`."""
        first = State(self.start, ((),) * len(self.jobs), self.lost, self.preemptions)
        waiting, seen = [first], {first}
        ways = Counter({first: 1})
        # In the order of the number of calls: all ways to a state are known before it.
        while waiting:
            following: list[State] = []
            for state in waiting:
                self.counts["states"] += 1
                try:
                    self._check(state)
                except Violation as violation:
                    raise Violation(f"{violation}\n{self._story(state)}") from None
                steps = list(self._steps(state))
                if not steps:
                    self.counts["schedules"] += ways[state]
                for after in steps:
                    ways[after] += ways[state]
                    if after not in seen:
                        seen.add(after)
                        following.append(after)
            seen.clear()
            waiting = following
        return self.counts

    def next(self, number: int, history: History) -> Call | Ended:
        """Run a job with the responses so far. Return its next call, or its end."""
        key = (number, history)
        if key not in self._next:
            self._next[key] = self._replay(self.jobs[number], history)
        return self._next[key]

    def _replay(self, job: Job, history: History) -> Call | Ended:
        responses = iter(history)
        waiting: list[Call] = []

        def respond(call: Call) -> Any:
            try:
                expected, result = next(responses)
            except StopIteration:
                waiting.append(call)
                raise Paused from None
            assert expected == call, "a deployment is not deterministic"
            return result

        self.counts["runs of the code"] += 1
        try:
            job.run(respond)
        except Paused:
            return waiting[0]
        except Exception as error:
            return Ended(error)
        return Ended(None)

    def _steps(self, state: State) -> Iterator[State]:
        for number, history in enumerate(state.histories):
            call = self.next(number, history)
            if isinstance(call, Ended):
                continue
            left, turn = state.preemptions, None
            if left is not None:
                left, turn = left - self._preempts(state, number), number
                if left < 0:
                    continue
            world = state.world
            for lost in range(1 + (state.lost > 0 and call.operation in WRITES)):
                # The SDK repeats a request whose response was lost.
                world, result = apply(world, call, self.jobs[number].name)
                histories = list(state.histories)
                histories[number] = (*history, (call, result))
                yield State(world, tuple(histories), state.lost - lost, left, turn)

    def _preempts(self, state: State, number: int) -> bool:
        if state.turn is None or state.turn == number:
            return False
        return not isinstance(self.next(state.turn, state.histories[state.turn]), Ended)

    def _check(self, state: State) -> None:
        check_references(state.world)
        ends = [self.next(n, history) for n, history in enumerate(state.histories)]
        for number, end in enumerate(ends):
            if isinstance(end, Ended):
                self._check_end(state, number, end.error, ends)
        if state.world not in self._converged:
            self._converged.add(state.world)
            self._check_convergence(state.world)

    def _check_end(
        self, state: State, number: int, error: BaseException | None, ends: list[Call | Ended]
    ) -> None:
        job = self.jobs[number]
        if error is not None:
            others = [h for n, h in enumerate(state.histories) if n != number]
            written = any(call.operation in WRITES for history in others for call, _ in history)
            if not (isinstance(error, Conflict) and written):
                raise Violation(f"{job.name} alone ends with {error!r}")
            return
        manifest = top(state.world, MANIFEST_KEY)
        if manifest is None or manifest.etag != self._basis(state.histories[number]):
            return  # another deployment has taken over
        for key in self._wrong(state.world, job):
            versions = dict(state.world)[key].versions
            author = versions[-1].author if versions else ""
            at_work = [
                other.name
                for other, end in zip(self.jobs, ends, strict=True)
                if not isinstance(end, Ended) and other is not job
            ]
            if author not in at_work:
                raise Violation(f"{job.name} has ended with 0, but {key} is not its own")
            self.counts["late writes not yet taken back"] += 1

    def _basis(self, history: History) -> str:
        """Return the ETag of the manifest that the run last wrote, otherwise last read."""
        etags = {
            call.operation: str(result.etag)
            for call, result in history
            if call.key == MANIFEST_KEY and not isinstance(result, Failure)
        }
        return etags.get("put", etags.get("get", ""))

    def _wrong(self, world: World, job: Job) -> list[str]:
        site = self._sites.setdefault(job.name, job.site())
        objects = live(world)
        return [k for k, body in site.items() if k not in objects or objects[k].body != body]

    def _check_convergence(self, world: World) -> None:
        """Raise `Violation` unless new runs make the site whole, then exact, then write no more."""
        job = self.jobs[0]._replace(name="again", delete=True, verify=True)
        for number in range(3):
            world, calls = run_alone(world, job._replace(name=f"again{number}"))
            if self._wrong(world, job):
                raise Violation("running again does not make the site whole")
        if any(call.operation in WRITES for call in calls):
            raise Violation("running again never stops writing")
        site = {*job.site(), MANIFEST_KEY, "config.json"}
        if (
            live(world).keys() != site
            or json.loads(live(world)[MANIFEST_KEY].body or b"")["pending"]
        ):
            raise Violation(f"running again leaves {live(world).keys() - site}")

    def _story(self, state: State) -> str:
        return "\n".join(
            f"{job.name}: "
            + ", ".join(
                f"{call.operation} {call.key} {call.version}".strip()
                + (f" -> {result.code}" if isinstance(result, Failure) else "")
                for call, result in history
            )
            for job, history in zip(self.jobs, state.histories, strict=True)
        )
