/** The part that all dialogs share: the browser's modal dialog, with a title and a way to close it. */

import { h, iconButton } from "../dom";

let count = 0;

/** Returns the dialog in front, if any is open. */
export function topDialog(): HTMLDialogElement | undefined {
  return [...document.querySelectorAll<HTMLDialogElement>("dialog[open]")].at(-1);
}

/** Returns a closed dialog. Its button and Escape call `close`. Without it, only a choice closes it. */
export function dialog(className: string, close: (() => void) | null) {
  const title = h("h2", { id: `dialog-${++count}` });
  const body = h("div.body");
  const header = h("header", title, close && iconButton("close", "Close", close));
  const oncancel = (event: Event) => event.preventDefault();
  const element = h("dialog", { className, oncancel }, header, body);
  element.setAttribute("aria-labelledby", title.id);
  // Browsers close a dialog at the second Escape, even if its page has prevented the first.
  element.setAttribute("closedby", "none");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || topDialog() !== element) return;
    event.preventDefault();
    close?.();
  });
  return { element, title, body };
}
