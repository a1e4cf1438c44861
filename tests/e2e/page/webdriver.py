"""A browser that is driven by the commands of WebDriver (www.w3.org/TR/webdriver2)."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

ENTER, ESCAPE = "\ue007", "\ue00c"

SECONDS = 20
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of an element's id
_SHOWN = "return `${location}\\n${document.body.innerText}`"


class CommandFailed(Exception):
    """The browser refused a command, or an element was not there in time."""


class WebDriver(ABC):
    """One tab at a time. Finding an element waits until it is there."""

    @abstractmethod
    def send(self, command: str, **parameters: Any) -> Any:
        """Return the result of a command. Raises `CommandFailed`."""

    def visit(self, url: str) -> None:
        self.send("Navigate", url=url)

    def see(self, selector: str, text: str = "") -> str:
        """Return the id of an element by CSS, or by the text that is in it."""
        # Browsers can wait by themselves, but then search a document that was left.
        return self._retry(lambda: self._find(selector, text))

    def click(self, selector: str, text: str = "") -> None:
        # A row of the list can be clicked from the frame on in which it is first laid out.
        self._retry(lambda: self.send("ElementClick", id=self._find(selector, text)))

    def press(self, selector: str, keys: str) -> None:
        self.send("ElementSendKeys", id=self.see(selector), text=keys)

    def type(self, selector: str, text: str) -> None:
        """Replace a field's content. The last key may be `ENTER`."""
        self.send("ElementClear", id=self.see(selector))
        self.press(selector, text)

    def run(self, script: str) -> Any:
        """Return the result of a script."""
        return self.send("ExecuteScript", script=script, args=[])

    def open_other_tab(self) -> None:
        """Open a tab behind this one."""
        self.send("NewWindow", type="tab")

    def close_tab(self) -> None:
        """Close this tab, and continue in another tab."""
        self.send("SwitchToWindow", handle=self.send("CloseWindow")[0])

    def _find(self, selector: str, text: str) -> str:
        words = f"//{selector or '*'}[contains(normalize-space(.), '{text}')]"
        using, value = ("xpath", words) if text else ("css selector", selector)
        element: str = self.send("FindElement", using=using, value=value)[_ELEMENT]
        return element

    def _retry(self, attempt: Callable[[], str]) -> str:
        until = time.monotonic() + SECONDS
        while True:
            try:
                return attempt()
            except CommandFailed as error:
                if time.monotonic() > until:
                    raise CommandFailed(f"{error}\n{self.run(_SHOWN)}") from error
            time.sleep(0.05)
