"""Each state of the page, on a phone and a desktop, light, dark and in forced colors.

Axe finds no violation, and the page fits its window. With `--long`, a picture shows each.
"""

from collections.abc import Callable
from typing import Literal

import pytest
from playwright.sync_api import Page

from tests.e2e.page import item_states, page_states
from tests.e2e.page.accounts import Account, Site
from tests.e2e.page.conftest import ApiOf, OpenScreen, SignedIn
from tests.e2e.page.pictures import PICTURES
from tests.e2e.page.states import SHOWN_BY_ANOTHER, STATES, Cast, stock
from tools.project import PROJECT

# These modules add their states to the table.
assert item_states
assert page_states

SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
Colors = Literal["light", "dark", "forced"]
Look = tuple[str, Colors]
#: The first two have each size and each theme. `--long` has the other looks as well.
LOOKS: list[Look] = [
    ("phone", "light"),
    ("desktop", "dark"),
    ("phone", "dark"),
    ("desktop", "light"),
    ("phone", "forced"),
]
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_AXE = (PROJECT / "website" / "node_modules" / "axe-core" / "axe.min.js").read_text

_RUN_AXE = """
async (rules) => {
  const { violations } = await axe.run(document, {
    runOnly: rules, resultTypes: ["violations"], elementRef: false });
  const words = ({ target, any }) => `${target} ${any.map((check) => check.message)}`;
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(words)}`);
}
"""


@pytest.fixture(scope="session")
def owner(new_account: Callable[[], Account], api_of: ApiOf) -> Account:
    """Return an account with items that no test changes."""
    owner = new_account()
    stock(api_of(owner))
    return owner


@pytest.fixture(scope="session")
def newcomer(new_account: Callable[[], Account]) -> Account:
    """Return an account that stays without items."""
    return new_account()


@pytest.fixture
def cast(
    open_screen: OpenScreen,
    signed_in: SignedIn,
    page_site: Site,
    owner: Account,
    newcomer: Account,
) -> Cast:
    return Cast(open_screen, signed_in, page_site, owner, newcomer)


def _find_violations(page: Page) -> list[str]:
    violations: list[str] = page.evaluate(_RUN_AXE, list(_RULES))
    return violations


@pytest.mark.parametrize(
    "looks",
    [LOOKS[:2], pytest.param(LOOKS[2:], marks=pytest.mark.long)],
    ids=["each size and theme", "the other looks"],
)
@pytest.mark.parametrize(
    "state",
    [
        pytest.param(state, marks=[pytest.mark.long] * (state in SHOWN_BY_ANOTHER))
        for state in STATES
    ],
)
def test_state_is_accessible_and_fits(
    cast: Cast, state: str, looks: list[Look], request: pytest.FixtureRequest
) -> None:
    screen = STATES[state](cast)
    page = screen.page
    page.evaluate(_AXE())
    faults: dict[str, list[str]] = {}
    for size, theme in looks:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        if theme == "forced":
            page.emulate_media(color_scheme="dark", forced_colors="active")
        else:
            page.emulate_media(color_scheme=theme, forced_colors="none")
        name = f"{state}-{size}-{theme}"
        if request.config.getoption("--long"):
            page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
        faults[name] = _find_violations(page)
        if screen.overflow() > 0:
            faults[name].append(f"{screen.overflow()} pixels too wide")
    assert {name: of_look for name, of_look in faults.items() if of_look} == {}
