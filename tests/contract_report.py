"""The report of `tests/contract.py`: its requests, responses and failures."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from schemathesis import Case, Response
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup
from schemathesis.engine import Status, StopReason, events
from schemathesis.engine.recorder import Request, ScenarioRecorder
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

_CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class Report:
    """Of one run. `tokens` are the users', by their names."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._names = {f"Bearer {token}": name for name, token in tokens.items()}
        self.statuses: Counter[int] = Counter()
        self.users: Counter[str] = Counter()
        self.checks: Counter[str] = Counter()
        self.phases: dict[str, str] = {}
        self.next_pages = 0
        self.problems: list[str] = []

    @property
    def requests(self) -> int:
        """Return the number of requests with a response."""
        return self.statuses.total()

    def assert_good(self, at_least: int) -> None:
        """Fail if a check failed, or if too few requests were sent."""
        assert not self.problems, "\n\n".join([f"{len(self.problems)} problems", *self.problems])
        assert self.requests >= at_least
        assert max(self.statuses) < 500
        assert self.statuses.keys() >= {200, 201, 204, 304, 400, 401, 404, 412, 415}
        assert self.checks.keys() == {*CHECKS.get_all_names(), "max_response_time"}
        assert set(self.phases.values()) == {"success"}, self.phases
        assert self.next_pages, "no list had a second page"
        # Others did try: another user, and somebody without a true token.
        assert self.users.keys() == {*self._names.values(), "nobody"}

    def record(self, event: events.EngineEvent) -> None:
        if isinstance(event, events.ScenarioFinished):
            self._record_scenario(event.recorder, event.phase.value)
        elif isinstance(event, events.PhaseFinished):
            self.phases[event.phase.name.value] = event.status.value
        elif isinstance(event, events.SchemaAnalysisWarnings):
            self.problems += [f"the document: {warning}" for warning in event.warnings]
        elif isinstance(event, events.NonFatalError):
            self.problems.append(f"{event.label}: {event.info.title}: {event.info.message}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.EngineFinished):
            self.problems += [str(failure) for failure in event.failures]
            if event.stop_reason is not StopReason.COMPLETED:
                self.problems.append(f"ended early: {event.stop_reason}")

    def _record_scenario(self, recorder: ScenarioRecorder, phase: str) -> None:
        for case_id, exchange in recorder.interactions.items():
            request, response = exchange.request, exchange.response
            if response is None:
                self.problems.append(f"not answered: {request.method} {request.uri}")
                continue
            self.statuses[response.status_code] += 1
            credentials = request.headers.get("Authorization", [""])[0]
            self.users[self._names.get(credentials, "nobody")] += 1
            self.next_pages += response.status_code == 200 and "cursor=" in request.uri
            self._judge(
                recorder.cases[case_id].value, request, response, case_id in recorder.checks
            )
        for case_id, checks in recorder.checks.items():
            self.checks.update(check.name for check in checks)
            answer = recorder.find_response(case_id=case_id)
            for check in checks:
                if check.status is not Status.SUCCESS:
                    told = check.failure_info
                    what = f"{told.failure.message}\n{told.code_sample}" if told else ""
                    seen = f"{answer.status_code} {answer.text[:500]}" if answer else ""
                    self.problems.append(f"{phase}: {check.name}: {what}\n{seen}")

    def _judge(self, case: Case[Any], request: Request, response: Response, judged: bool) -> None:
        """Collect the parts that Schemathesis skips."""
        # `status_code_conformance` passes over requests of an odd form.
        is_documented = case.operation.responses.find_by_status_code(response.status_code)
        if request.method == case.operation.method.upper() and not is_documented:
            self.problems.append(f"not documented: {case.operation.label}: {response.status_code}")
        # A check examines its own requests for one property only.
        if not judged:
            try:
                case.validate_response(response, checks=_CONFORMANCE)
            except FailureGroup as failures:
                self.problems += [f"{case.operation.label}: {each}" for each in failures.exceptions]
