"""Findings about an account or a stage: collect them, print them worst first, set the exit status.

A check that could not look yields `unknown`, never `ok`. A metric without figures is a `note`.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from ops.errors import Unhealthy, Unreadable
from ops.tools import Tools

State = Literal["bad", "unknown", "note", "ok"]

#: The states, worst first.
STATES: tuple[State, ...] = ("bad", "unknown", "note", "ok")

_ACTION = re.compile(r"perform: ([\w-]+:\w+)")


@dataclass(frozen=True)
class Finding:
    """The result of one check: `found` has the value and the reason, `do` a command or a step.

    `name` is by default the check's.
    """

    state: State
    found: str
    do: str = ""
    name: str = ""

    def lines(self) -> Iterator[str]:
        """Yield a line, and a second for the remedy. `ok` and `note` are in lowercase."""
        state = self.state.upper() if self.state in ("bad", "unknown") else self.state
        yield f"{state:<8} {self.name}: {self.found}"
        if self.do:
            yield f"{'':8} do: {self.do}"


#: Yields findings. The SDK's errors and `Unreadable` propagate.
Check = Callable[[], Iterable[Finding]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that all commands with findings share."""
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument(
        "--strict", action="store_true", help="exit with 1 also if a check could not look"
    )


def collect(checks: Mapping[str, Check]) -> list[Finding]:
    """Return the findings of all checks, by the checks' names, worst first."""
    findings = [finding for name, check in checks.items() for finding in look(name, check)]
    return worst_first(findings)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: STATES.index(finding.state))


def unknown(findings: Iterable[Finding]) -> set[str]:
    """Return the names of the checks that could not look."""
    return {finding.name for finding in findings if finding.state == "unknown"}


def look(name: str, check: Check) -> Iterator[Finding]:
    """Yield the findings of one check, and `unknown` if AWS did not give it the data."""
    try:
        for finding in check():
            yield replace(finding, name=finding.name or name)
    except (ClientError, BotoCoreError, Unreadable) as error:
        yield Finding("unknown", *_explain(error), name=name)


def _explain(error: Exception) -> tuple[str, str]:
    """Return the reason why a check could not look, and the remedy."""
    if isinstance(error, BotoCoreError):
        return str(error), "check the network, and the region"
    if not isinstance(error, ClientError):
        return str(error), ""
    details = error.response["Error"]
    code, message = details.get("Code", ""), details.get("Message", "")
    action = _ACTION.search(message)
    if action or "Denied" in code or "Unauthorized" in code:
        right = action[1] if action else error.operation_name
        return f"AWS denies {right}", f"allow {right} (docs/on-call.md)"
    return f"{error.operation_name} failed: {code}: {message}", ""


def publish(findings: list[Finding], arguments: argparse.Namespace, tools: Tools) -> None:
    """Print the findings. Raises `Unhealthy` if one is bad or all are unknown.

    With --strict, also raises `Unhealthy` if one is unknown.
    """
    if arguments.json:
        content = {**asdict(arguments.caller), "findings": [asdict(each) for each in findings]}
        tools.report(json.dumps(content, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            for line in finding.lines():
                tools.report(line)
    counts = Counter(finding.state for finding in findings)
    blind = counts["unknown"] == len(findings)  # no check could look
    if counts["bad"] or blind or (arguments.strict and counts["unknown"]):
        raise Unhealthy(
            f"{counts['bad']} bad and {counts['unknown']} unknown of {len(findings)} findings: "
            "follow their `do:` lines, then run the same command again"
        )
