"""What all tests share: the count by kind at the end, and the rule that CI skips nothing."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

KINDS = ("unit", "integration", "infra", "e2e")

# No test may ever reach a real account, whatever the person running it is signed in to.
os.environ.update(
    AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1"
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)


def _count(reporter: pytest.TerminalReporter, outcome: str) -> Counter[str]:
    reports = reporter.stats.get(outcome, [])
    return Counter(report.nodeid.split("/")[1] for report in reports)


@pytest.hookimpl(hookwrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield


@pytest.hookimpl(trylast=True)  # so that these are the last lines
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed, skipped = (_count(terminalreporter, kind) for kind in ("passed", "skipped"))
    terminalreporter.section("tests that ran, by kind")
    for kind in KINDS:
        note = f", {skipped[kind]} skipped" if skipped[kind] else ""
        terminalreporter.write_line(f"{kind}: {passed[kind]} passed{note}")
    if skipped.total() == 0:
        terminalreporter.write_line("none was skipped")
    elif os.environ.get("CI") == "true":
        terminalreporter.write_line("FAILED: with CI=true no test may be skipped")
