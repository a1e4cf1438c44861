"""Checks of a stage that is deployed somewhere: `make smoke STAGE=prod`.

They are collected only with a stage. They need AWS credentials and a region, or for the stage
`local` a `make run` in another terminal. They never skip: tests that a stage cannot run are
deselected at collection, and listed at the end.
"""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import httpx
import pytest
from playwright.sync_api import Browser, expect

from chalicelib.auth import READ_SCOPE
from local.sign_in import SCOPES
from tests.e2e.forgeries import Material
from tests.e2e.page import chromium
from tests.e2e.page.accounts import Account
from tests.smoke.deployed import Deployed, described
from tests.smoke.login import tokens
from tests.smoke.person import Belongings, somebody
from tools.command import explanation
from tools.project import PROJECT

Observed = dict[str, str]

_DEPLOYED = pytest.StashKey[Deployed]()
_OBSERVED = pytest.StashKey[Observed]()
_LEFT_OUT = pytest.StashKey[list[str]]()

_TIMEOUT = 30_000  # milliseconds, the timeout for events on the page


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stage", help="the deployed stage that is to be checked")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*features): only for a stage with all of these")
    if not _asked_for(config):  # a run of all tests, which passes by here
        return
    if not config.option.stage:
        raise pytest.UsageError("STAGE is not set: pass it, as in: make smoke STAGE=dev")
    if config.pluginmanager.has_plugin(str(PROJECT / "tests" / "conftest.py")):
        # It takes everybody's credentials away, so that no other test reaches a real account.
        raise pytest.UsageError("use `make smoke`, or add --confcutdir=tests/smoke")
    try:
        config.stash[_DEPLOYED] = described(config.option.stage)
    except httpx.HTTPError as error:
        raise pytest.UsageError(f"stage {config.option.stage} does not respond: {error}") from error
    except Exception as error:
        known = explanation(error)
        if known is None:
            raise
        raise pytest.UsageError(str(known)) from error
    if chromium.program() is None:
        raise pytest.UsageError(f"signing in takes a browser: {chromium.MISSING}")
    config.stash[_OBSERVED] = {}
    config.stash[_LEFT_OUT] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    if _DEPLOYED not in session.config.stash:
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # If the browser was at work, the exception is its own to handle, and only a test fails.
        session.shouldstop = "interrupted"
        raise KeyboardInterrupt

    # A pipeline that is cancelled is to tidy up as well as a person's Ctrl-C.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, stop)


def open_questions() -> list[tuple[str, str]]:
    """Return the open questions of docs/first-hour.md, and their commands."""
    text = (PROJECT / "docs" / "first-hour.md").read_text()
    rows = re.findall(r"^\| (.+) \| (.+) \| hand \|$", text, re.MULTILINE)
    return [(question, command) for question, command in rows]


def _asked_for(config: pytest.Config) -> bool:
    here = Path(__file__).parent
    named = (config.invocation_params.dir / each.partition("::")[0] for each in config.args)
    return any(path.resolve().is_relative_to(here) for path in named)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if _DEPLOYED in config.stash else True


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "way" in metafunc.fixturenames:
        metafunc.parametrize("way", list(metafunc.config.stash[_DEPLOYED].ways))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _DEPLOYED not in config.stash:
        return
    has = config.stash[_DEPLOYED].features
    left_out: dict[pytest.Item, list[str]] = {}
    for item in items:
        needed = {str(name) for mark in item.iter_markers("needs") for name in mark.args}
        if needed - has:
            left_out[item] = sorted(needed - has)
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))
    config.stash[_LEFT_OUT] = [
        f"{item.name} (needs {', '.join(why)})" for item, why in left_out.items()
    ]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if _DEPLOYED not in config.stash:
        return
    deployed = config.stash[_DEPLOYED]
    terminalreporter.section(f"stage {deployed.stage}")
    terminalreporter.write_line(f"site: {deployed.site_url}")
    terminalreporter.write_line(f"API: {deployed.api_url or 'by way of the site only'}")
    for what, answer in sorted(config.stash[_OBSERVED].items()):
        terminalreporter.write_line(f"{what}: {answer}")
    for name in config.stash[_LEFT_OUT]:
        terminalreporter.write_line(f"not on this stage: {name}")
    if not deployed.is_local:
        terminalreporter.write_line("open questions (docs/first-hour.md):")
        for question, command in open_questions():
            terminalreporter.write_line(f"  {question} {command}")


@pytest.fixture(scope="session")
def deployed(pytestconfig: pytest.Config) -> Deployed:
    return pytestconfig.stash[_DEPLOYED]


@pytest.fixture(scope="session")
def observed(pytestconfig: pytest.Config) -> Observed:
    """Return the observations for the final report, which the contract leaves open."""
    return pytestconfig.stash[_OBSERVED]


@pytest.fixture(scope="session")
def account(deployed: Deployed) -> Iterator[Account]:
    """Create a user for this run, and delete it afterwards."""
    with somebody(deployed.client_of("cognito-idp"), deployed.user_pool_id) as account:
        yield account


@pytest.fixture(scope="session")
def browser(deployed: Deployed) -> Iterator[Browser]:
    program = chromium.program()
    assert program
    expect.set_options(timeout=_TIMEOUT)
    with chromium.running(program, *(chromium.CONFINED if deployed.is_local else ())) as browser:
        yield browser


@pytest.fixture(scope="session")
def material(browser: Browser, deployed: Deployed, account: Account) -> Material:
    """Return tokens of real sign-ins: with both scopes, and for reads only."""
    full = tokens(browser, deployed, account, ("openid", *SCOPES))
    read_only = tokens(browser, deployed, account, (READ_SCOPE,))
    return Material(
        token=full["access_token"],
        read_only=read_only["access_token"],
        id_token=full["id_token"],
        refresh_token=full["refresh_token"],
        **Material.keys(deployed.jwks_url, full["access_token"]),
    )


@pytest.fixture(scope="session")
def belongings(deployed: Deployed, material: Material) -> Iterator[Belongings]:
    """Return the user's items, which are deleted after the last test."""
    belongings = Belongings()
    yield belongings
    way = next(iter(deployed.ways.values()))
    with deployed.http(way, material.token) as api:
        belongings.delete(api)


@pytest.fixture(scope="session")
def client_of(
    deployed: Deployed, material: Material, belongings: Belongings
) -> Iterator[Callable[[str], httpx.Client]]:
    """Return `client_of(way)`, a signed-in client of this way to the API."""
    clients = {way: deployed.http(url, material.token) for way, url in deployed.ways.items()}
    for client in clients.values():
        client.event_hooks["request"].append(belongings.of_a_client)
        client.event_hooks = client.event_hooks
    yield clients.__getitem__
    for client in clients.values():
        client.close()


@pytest.fixture
def api(way: str, client_of: Callable[[str], httpx.Client]) -> httpx.Client:
    """Return a signed-in client of each way to the API."""
    return client_of(way)


@pytest.fixture
def nobody(way: str, deployed: Deployed, belongings: Belongings) -> Iterator[httpx.Client]:
    """Return a client without a token of each way to the API."""
    with deployed.http(deployed.ways[way]) as client:
        yield client
