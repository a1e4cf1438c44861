"""The first line of commands, and the output and the exit status of findings."""

import json
from argparse import Namespace
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from botocore.exceptions import EndpointConnectionError

from ops.caller import Caller, identify
from ops.errors import Unhealthy, Unreadable
from ops.findings import Finding, State, collect, publish
from ops.tools import Tools
from tests.clients import as_client, clients_of
from tests.integration.ops.responses import denied, failure

CALLER = Caller("123456789012", "eu-west-1", "prod")


def finding(state: State) -> Finding:
    return Finding(state, "as it was found", f"mend {state}", f"a {state} check")


def print_all(*findings: Finding, strict: bool = False, as_json: bool = False) -> list[str]:
    lines: list[str] = []
    arguments = Namespace(json=as_json, strict=strict, caller=CALLER)
    publish(list(findings), arguments, Tools(as_client(None), lines.append))
    return lines


def test_worst_finding_comes_first() -> None:
    states: list[State] = ["ok", "note", "unknown", "bad"]
    ordered = collect({"all": lambda: map(finding, states)})
    assert [finding.state for finding in ordered] == ["bad", "unknown", "note", "ok"]


def test_finding_is_a_line_with_its_remedy_below() -> None:
    lines = print_all(finding("note"), Finding("ok", "has MFA", name="root"))
    assert lines == [
        "note     a note check: as it was found",
        "         do: mend note",
        "ok       root: has MFA",
    ]


@pytest.mark.parametrize(
    ("states", "strict", "fails"),
    [
        (["ok", "note"], True, False),
        (["ok", "bad"], False, True),
        (["ok", "unknown"], False, False),
        (["ok", "unknown"], True, True),
        (["unknown", "unknown"], False, True),
    ],
)
def test_exit_status_follows_the_worst(states: list[State], strict: bool, fails: bool) -> None:
    findings = [finding(state) for state in states]
    if not fails:
        print_all(*findings, strict=strict)
        return
    bad, unknown = states.count("bad"), states.count("unknown")
    with pytest.raises(Unhealthy, match=f"^{bad} bad and {unknown} unknown of 2 findings"):
        print_all(*findings, strict=strict)


def test_json_has_account_and_findings() -> None:
    (text,) = print_all(finding("ok"), as_json=True)
    assert json.loads(text) == {
        "account": "123456789012",
        "region": "eu-west-1",
        "stage": "prod",
        "findings": [
            {"state": "ok", "name": "a ok check", "found": "as it was found", "do": "mend ok"}
        ],
    }


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (denied("cloudtrail:DescribeTrails"), "AWS denies cloudtrail:DescribeTrails"),
        (failure("ListTopics", "AccessDeniedException"), "AWS denies ListTopics"),
        (failure("ListTopics", "OptInRequired", "sign up"), "ListTopics failed: OptInRequired: "),
        (EndpointConnectionError(endpoint_url="https://x"), "Could not connect to the endpoint"),
        (Unreadable("no report yet"), "no report yet"),
    ],
    ids=["denied", "denied without a message", "other", "network", "no data"],
)
def test_failed_check_is_unknown(error: Exception, found: str) -> None:
    def check() -> Iterator[Finding]:
        yield finding("ok")
        raise error

    unknown, ok = collect({"trail": check})
    assert (unknown.state, unknown.name, ok.state) == ("unknown", "trail", "ok")
    assert unknown.found.startswith(found)


def test_bug_in_a_check_propagates() -> None:
    def check() -> Iterator[Finding]:
        yield finding("ok")
        raise KeyError("a mistake")

    with pytest.raises(KeyError):
        collect({"trail": check})


def test_line_names_account_region_and_stage() -> None:
    assert str(CALLER) == "account 123456789012, eu-west-1, stage prod"
    assert str(Caller("123456789012", "eu-west-1")) == "account 123456789012, eu-west-1"


def test_region_is_that_of_the_table() -> None:
    """STS has a global endpoint, and would also respond without a region."""
    services = {
        "dynamodb": SimpleNamespace(meta=SimpleNamespace(region_name="eu-west-1")),
        "sts": SimpleNamespace(get_caller_identity=lambda: {"Account": "1"}),
    }
    assert identify(Tools(clients_of(services)), "prod") == Caller("1", "eu-west-1", "prod")
