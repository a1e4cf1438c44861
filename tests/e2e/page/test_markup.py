"""The name of an item is shown as text, and never runs as code."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Dialog, expect

from tests.e2e.page import items
from tests.e2e.page.accounts import Account
from tests.e2e.page.conftest import SignedIn
from tests.e2e.page.screen import Screen

NAMES = (
    '<img src="x" onerror="window.hit=1">',
    "<script>window.hit=1</script>",
    '"><svg onload=window.hit=1>',
    "javascript:window.hit=1",
    "${window.hit=1} {{window.hit=1}} #{window.hit=1}",
    "&lt;b&gt; &amp; &#x3C;i&#x3E;",
    "\u202egnp.lamp\u202c",
    "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 ﷽",
    "bell\u0007 zero\u200bwidth \ufeff",
    "__proto__",
    '<svg><animate onbegin="window.hit=1" attributeName=x dur=1s>',
    '<math><mtext></math><img src=x onerror="window.hit=1">',
    '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>',
    '<a href="javascript:window.hit=1">a</a>',
    "</textarea></title></style></script><script>alert(1)</script>",
    '" autofocus onfocus="window.hit=1" x="',
    "' onmouseover='window.hit=1",
    "<!--<img src=x onerror=alert(1)>-->",
    "<style>@import 'http://127.0.0.1:1/';*{display:none}</style>",
    "<base href='http://127.0.0.1:1/'><form action=x><input name=submit>",
    "`${alert(1)}`",
    "{{constructor.constructor('window.hit=1')()}}",
    "\u2066<b>\u2067\u202dleft\u202cright\u2069",
    "\u2028window.hit=1\u2029",
)

# Names that every object has in JavaScript, and numbers, by which it sorts an object's keys.
IDS = ("__proto__", "constructor", "hasOwnProperty", "toString", "length", "0", "-1", "...", "~")


@pytest.fixture
def screen(signed_in: SignedIn, account: Account, api: httpx.Client) -> Iterator[Screen]:
    """Yield a screen with all names. No dialog may open. The guard checks console and policy."""
    for n, name in enumerate(NAMES):
        items.put(api, f"item-{n}", name=name, description=f"{name}\n{name}")
    screen = signed_in(account)
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    screen.page.on("dialog", dismiss)
    expect(screen.rows).to_have_count(len(NAMES))
    yield screen
    assert not dialogs


_RUNS_LEFT_TO_RIGHT = """
(paragraph) => {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  const xs = [];
  while (walker.nextNode()) {
    const { data } = walker.currentNode;
    const at = data.indexOf(" is being deleted.");
    if (at < 0) continue;
    for (let n = at; n < data.length; n++) {
      const range = new Range();
      range.setStart(walker.currentNode, n);
      range.setEnd(walker.currentNode, n + 1);
      xs.push(range.getBoundingClientRect().x);
    }
  }
  return xs.length > 0 && xs.every((x, n) => n === 0 || x >= xs[n - 1]);
}
"""
_FOREIGN = "img, script, iframe, object, embed, base, math, animate, body style"


def _assert_inert(screen: Screen) -> None:
    hit_and_elements = screen.page.evaluate(
        "(foreign) => [window.hit, document.querySelectorAll(foreign).length]", _FOREIGN
    )
    assert hit_and_elements == [None, 1]  # the page's own script
    assert screen.page.locator("main a").count() == 0


def test_name_is_text_in_every_view(screen: Screen, api: httpx.Client) -> None:
    assert screen.rows.locator(".open").all_text_contents() == list(reversed(NAMES))
    _assert_inert(screen)
    screen.guard.expect_status(412)
    for n in (0, 6, 14):
        name, row = NAMES[n], screen.rows.nth(len(NAMES) - 1 - n)
        screen.search.fill(f"{name}?")
        no_match = screen.page.get_by_role("heading", name="No item matches")
        expect(no_match).to_contain_text(name)
        screen.search.fill("")
        row.locator(".open").click()
        expect(screen.name).to_have_value(name)
        expect(screen.description).to_have_value(f"{name}\n{name}")
        items.put(api, f"item-{n}", name=f"{name}{name}", description=name)
        screen.fill(price="1")
        screen.save()
        expect(screen.conflict).to_contain_text(f"{name}{name}")
        _assert_inert(screen)
        screen.conflict.get_by_role("button", name="Keep mine").click()
        expect(row.locator(".state")).to_be_empty()
        row.locator(".delete").click()
        expect(screen.notice("being deleted")).to_contain_text(name)
        if name.startswith("\u202e"):  # written from right to left, it turns no other text
            assert screen.notice("being deleted").locator("p").first.evaluate(_RUNS_LEFT_TO_RIGHT)
        _assert_inert(screen)
        screen.button("Undo").click()
        expect(row.locator(".open")).to_have_text(name)


def test_ids_have_no_special_meaning(
    signed_in: SignedIn, account: Account, api: httpx.Client
) -> None:
    for item_id in IDS:
        items.put(api, item_id, name=f"named {item_id}")
    screen = signed_in(account)
    expect(screen.rows.locator(".open")).to_have_text([f"named {id}" for id in reversed(IDS)])
    for item_id in ("__proto__", "constructor", "0", "..."):
        screen.opener(f"named {item_id}").click()
        expect(screen.name).to_have_value(f"named {item_id}")
        expect(screen.description).to_have_value("")
        screen.page.keyboard.press("Escape")
    assert screen.page.evaluate("Object.keys(Object.prototype)") == []
