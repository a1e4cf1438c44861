"""Use of the page with the keyboard alone."""

from playwright.sync_api import Locator, expect

from tests.e2e.page.screen import Screen

_LONGEST_WAY = 90

# The button of a row shows its focus round the whole row.
_FOCUS_IS_VISIBLE = """
(element) => {
  const shown = element.matches(".row .open") ? "::after" : null;
  const { outlineStyle, outlineWidth } = getComputedStyle(element, shown);
  const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return outlined && element.matches(":focus-visible");
}
"""


def tab_to(screen: Screen, target: Locator, key: str = "Tab") -> None:
    """Press Tab until the target has the focus. Raises `AssertionError` if it is not visible."""
    element = target.element_handle()
    for _ in range(_LONGEST_WAY):
        screen.page.keyboard.press(key)
        if element.evaluate("(element) => element === document.activeElement"):
            expect_visible_focus(target)
            return
    raise AssertionError(f"Tab does not lead to {target}")


def expect_visible_focus(target: Locator) -> None:
    """Expect that the target has the focus, and that the focus is visible."""
    expect(target).to_be_focused()
    assert target.evaluate(_FOCUS_IS_VISIBLE), f"the focus on {target} is not visible"


def press(screen: Screen, target: Locator, key: str = "Enter") -> None:
    """Move the focus to the target with Tab, and press the key."""
    tab_to(screen, target)
    screen.page.keyboard.press(key)
