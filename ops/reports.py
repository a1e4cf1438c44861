"""Parse Lambda's REPORT lines: the duration, the memory and the bill of each invocation.

The lines may have any text around them: the log of an invocation (`LogType=Tail`), the output of
`aws logs tail`, an export of Logs Insights as CSV or JSON. Lambda's default text format has REPORT
lines. The JSON log format has no REPORT lines.
"""

import re
from dataclasses import dataclass

# INIT_REPORT and RESTORE_REPORT, which come without a request, name no RequestId.
_REPORT = re.compile(
    r"REPORT RequestId: (?P<request>[\w-]+)(?P<fields>.*?)(?=REPORT RequestId: |$)", re.MULTILINE
)
_FIELD = re.compile(r"((?:[A-Z][a-z]+ )*[A-Z][a-z]+): (\d+(?:\.\d+)?) (?:ms|MB)")
_STATUS = re.compile(r"Status: (\w+)")
# Before REPORT lines had a status, only a separate line reported a timeout.
_TIMED_OUT = re.compile(r"([\w-]+) Task timed out after ")
_NEEDED = {"Duration", "Billed Duration", "Memory Size", "Max Memory Used"}


@dataclass(frozen=True)
class Report:
    """One invocation, with times in milliseconds and memory in MB.

    `start` is the duration of a cold start before the invocation (Init Duration, or with SnapStart
    Restore Duration), `None` when it was warm.
    """

    duration: float
    billed: float
    memory: int
    used: int
    start: float | None = None
    failed: bool = False

    @property
    def warm(self) -> bool:
        return self.start is None


def parse(text: str) -> list[Report]:
    """Return the REPORT lines of a text, in order. Skips lines without the usual fields."""
    timed_out = set(_TIMED_OUT.findall(text))
    found = []
    for match in _REPORT.finditer(text):
        fields = {name: float(value) for name, value in _FIELD.findall(match["fields"])}
        if not fields.keys() >= _NEEDED:
            continue
        status = _STATUS.search(match["fields"])
        found.append(
            Report(
                fields["Duration"],
                fields["Billed Duration"],
                int(fields["Memory Size"]),
                int(fields["Max Memory Used"]),
                fields.get("Init Duration", fields.get("Restore Duration")),
                match["request"] in timed_out or bool(status and status[1] != "success"),
            )
        )
    return found
