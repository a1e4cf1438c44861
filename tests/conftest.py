"""Set up all tests: their options, a new application for each, and the counts at the end."""

import os
import signal
import tempfile
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests import pairs
from tests.shuffle import shuffle
from tools.project import PROJECT

# A shell's `nohup … &` ignores Ctrl-C, and every command that tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A busy computer may be slow. Loaded here, because other conftest files use settings at import.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

KINDS = ("unit", "integration", "infra", "faults", "e2e")
#: Kinds with the longest modules come first, so that no worker ends long before the others.
_LONGEST_FIRST = ("e2e", "faults", "integration", "infra", "unit")

# No test may reach a real account, even if the developer is signed in to AWS.
os.environ.update(
    AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1"
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
    os.environ.pop(name, None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked `long` as well")
    parser.addoption(
        "--shuffle",
        type=int,
        metavar="SEED",
        help="run the modules, and the tests of each module, in the random order of this seed",
    )


def pytest_configure(config: pytest.Config) -> None:
    # The emulator runs functions below its home, which is a temporary directory here.
    if os.statvfs(tempfile.gettempdir()).f_flag & getattr(os, "ST_NOEXEC", 0):
        directory = PROJECT / ".local" / "tmp"
        directory.mkdir(parents=True, exist_ok=True)
        os.environ["TMPDIR"] = str(directory)
        tempfile.tempdir = None  # so that TMPDIR is read anew


def pytest_report_header(config: pytest.Config) -> str | None:
    return _order(config)


def _order(config: pytest.Config) -> str | None:
    seed = config.getoption("--shuffle")
    return None if seed is None else f"random order: repeat it with --shuffle {seed}"


@pytest.fixture(autouse=True)
def new_application() -> Iterator[None]:
    """Forget the application's table after each test: its client, breakers, and retry budget."""
    yield
    # Imported here because coverage is not measured yet when pytest loads this file.
    from chalicelib import table

    table._records.cache_clear()


@pytest.hookimpl(tryfirst=True)  # pytest then puts tests together that share a costly fixture
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seed = config.getoption("--shuffle")
    if seed is not None:
        shuffle(items, seed)
    else:
        items.sort(key=lambda item: _LONGEST_FIRST.index(_kind_of(item.nodeid)))
    # Deselected instead of skipped, because a skip means that the computer cannot run a test.
    if not config.getoption("--long"):
        left_out = {item for item in items if item.get_closest_marker("long")}
        left_out |= pairs.left_out(item for item in items if item not in left_out)
        if left_out:
            config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def _kind_of(nodeid: str) -> str:
    return nodeid.split("/")[1]


def _count(reporter: pytest.TerminalReporter, outcome: str) -> Counter[str]:
    reports = reporter.stats.get(outcome, [])
    return Counter(_kind_of(report.nodeid) for report in reports)


def _tallies(reporter: pytest.TerminalReporter) -> dict[str, Counter[str]]:
    """Return the tests' counts by name: `record_property("faults", {"reset": 3})`."""
    tallies: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, []):
            for name, value in report.user_properties:
                if isinstance(value, dict):
                    tallies.setdefault(name, Counter()).update(value)
    return tallies


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
    for name, tally in sorted(_tallies(terminalreporter).items()):
        counts = ", ".join(f"{count} {what}" for what, count in tally.items())
        terminalreporter.write_line(f"{name}: {counts}")
    if order := _order(terminalreporter.config):
        terminalreporter.write_line(order)
    if skipped.total() == 0:
        terminalreporter.write_line("none was skipped")
    elif os.environ.get("CI") == "true":
        terminalreporter.write_line("FAILED: with CI=true no test may be skipped")
