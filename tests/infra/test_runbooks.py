"""Each alarm has a runbook, each runbook an alarm, and a runbook's commands exist."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chalicelib import observability
from infra.__main__ import COMMANDS
from tools.project import PROJECT, PYTHON
from tools.templates import load

INFRA = PROJECT / "infra"
RUNBOOKS = PROJECT / "docs" / "runbooks"
INDEX = (RUNBOOKS / "README.md").read_text()
FILES = sorted(set(RUNBOOKS.glob("*.md")) - {RUNBOOKS / "README.md"})
SECTIONS = ["What it means", "How to look", "What to do", "How to know it is over"]
ALARM_TYPES = {"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::Budgets::Budget"}


TEMPLATES = [load(file.name) for file in sorted((INFRA / "templates").glob("*.yaml"))]
ALARMS: dict[str, dict[str, Any]] = {
    name: resource
    for template in TEMPLATES
    for name, resource in template["Resources"].items()
    if resource.get("Type") in ALARM_TYPES
}


def runbook(name: str) -> str:
    """Return the file name of an alarm's runbook. A budget has no description."""
    resource = ALARMS[name]
    if resource["Type"] == "AWS::Budgets::Budget":
        named = str(resource["Metadata"]["Runbook"])
    else:
        description = resource["Properties"]["AlarmDescription"].strip()
        match = re.fullmatch(r"[A-Z0-9].+\. Runbook: (\S+)", description)
        assert match, f"{name}: a sentence, then its runbook, not {description!r}"
        named = match[1]
    assert named.startswith("docs/runbooks/")
    return named.removeprefix("docs/runbooks/")


def test_several_templates_have_alarms() -> None:
    # Else the rest would prove less than it says.
    assert {"AvailabilityFast", "Budget", "CanaryFailures"} <= set(ALARMS)


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_has_a_runbook(name: str) -> None:
    assert RUNBOOKS / runbook(name) in FILES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_runbook_has_alarm_and_index_entry(file: Path) -> None:
    named = [name for name in ALARMS if runbook(name) == file.name]
    assert named
    (row,) = [
        line for line in INDEX.splitlines() if line.endswith(f"| [{file.stem}]({file.name}) |")
    ]
    listed = re.findall(r"`(\w+)(…?)`", row)
    assert listed
    for name in named:
        assert any(name == alarm or (more and name.startswith(alarm)) for alarm, more in listed)
    for alarm, _ in listed:
        assert any(name.startswith(alarm) for name in named)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_runbook_has_its_sections(file: Path) -> None:
    text = file.read_text()
    assert re.match(r"# [A-Z]", text)
    assert re.findall(r"^## (.+)$", text, re.M) == SECTIONS
    for section in re.split(r"^## .+$", text, flags=re.M)[1:]:
        assert len(section.split()) > 10
    looking = text.partition("## How to look")[2].partition("## What to do")[0]
    assert "```sh" in looking


def commands(file: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", file.read_text(), re.M | re.S)


@pytest.mark.parametrize("file", [*FILES, RUNBOOKS / "README.md"], ids=lambda file: file.stem)
def test_its_commands_are_a_shells(file: Path) -> None:
    found = commands(file)
    assert found
    for each in found:
        result = subprocess.run(["bash", "-n"], input=each, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr


# The fields of each log. Lambda's and CloudWatch's fields begin with "@".
FUNCTION_FIELDS = {"message", "route", "status", "Latency", "owner", "request_id"} | {
    "ConsumedCapacity",
    "exception_name",
    "detail",
    "reason",
}
LAMBDA_FIELDS = {"@type", "@initDuration", "@maxMemoryUsed", "@memorySize", "@duration"}
GATEWAY_FIELDS = {"status", "route", "method", "error", "authorizer", "latency", "address"} | {
    "integrationLatency",
    "requestId",
}
WAF_FIELDS = {"action", "terminatingRuleId"} | {
    f"httpRequest.{name}" for name in ("uri", "httpMethod", "clientIp", "country")
}
LOGS = {
    "/aws/lambda/$FUNCTION": FUNCTION_FIELDS | LAMBDA_FIELDS,
    "/aws/apigateway/$FUNCTION": GATEWAY_FIELDS,
    "aws-waf-logs-$FUNCTION": WAF_FIELDS,
}
LANGUAGE = {"filter", "stats", "fields", "sort", "limit", "by", "as", "like", "desc"} | {
    "count",
    "sum",
    "avg",
    "max",
    "pct",
    "bin",
}


def test_the_logs_have_these_fields() -> None:
    written = Path(observability.__file__).read_text()
    for field in FUNCTION_FIELDS - {"message"}:
        assert f'"{field}"' in written, field
    template = INFRA / "templates" / "api.yaml"
    for field in GATEWAY_FIELDS:
        assert f'"{field}":"$context.' in template.read_text()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_queries_ask_for_what_is_logged(file: Path) -> None:
    queries = re.findall(r"insights (\S+) '([^']+)'", file.read_text())
    for log, query in queries:
        bare = re.sub(r'"[^"]*"|/[^/]*/|\d+m\b', "", query)
        names = set(re.findall(r"[@A-Za-z_][\w.]*", bare))
        made_up = set(re.findall(r"\bas (\w+)", bare))
        always = {"@timestamp", "@logStream"}
        assert names - LANGUAGE - made_up - always <= LOGS[log], query


@pytest.mark.parametrize("file", [*FILES, RUNBOOKS / "README.md"], ids=lambda file: file.stem)
def test_the_projects_own_names_in_it_exist(file: Path) -> None:
    text = " ".join(file.read_text().split())
    parameters = {name for template in TEMPLATES for name in template.get("Parameters", {})}
    for name in re.findall(r"--parameter (\w+)=", text):
        assert name in parameters
    assert set(re.findall(rf"{PYTHON} -m infra (\w+)", text)) <= set(COMMANDS)
    for path in re.findall(r"`(infra/[\w./]+)`", text):
        assert (PROJECT / path).exists(), path
