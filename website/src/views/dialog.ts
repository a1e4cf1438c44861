/** What all dialogs share: the browser's own modal dialog, with a title and a way to close it. */

import { h, iconButton } from "../dom";

export interface Shell {
  element: HTMLDialogElement;
  title: HTMLHeadingElement;
  body: HTMLElement;
}

let count = 0;

/** The dialog that is in front, if any is open. */
export function topDialog(): HTMLDialogElement | undefined {
  return [...document.querySelectorAll<HTMLDialogElement>("dialog[open]")].at(-1);
}

/** A dialog, closed as yet. `close` is for its button and Escape; without, it takes a choice. */
export function dialog(className: string, close: (() => void) | null): Shell {
  const id = `dialog-${++count}`;
  const title = h("h2", { id });
  const body = h("div", { className: "body" });
  const element = h(
    "dialog",
    // Browsers close a dialog at the second Escape, whatever its page says to the first.
    { className, attributes: { "aria-labelledby": id, closedby: "none" } },
    h("header", {}, title, close ? iconButton("close", "Close", close) : null),
    body,
  );
  element.addEventListener("cancel", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || topDialog() !== element) return;
    event.preventDefault();
    close?.();
  });
  return { element, title, body };
}
