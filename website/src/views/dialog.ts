/** What all dialogs share: the browser's own modal dialog, with a title and a way to close it. */

import { h, iconButton } from "../dom";

export interface Shell {
  element: HTMLDialogElement;
  title: HTMLHeadingElement;
  body: HTMLElement;
}

let count = 0;

/** A dialog, closed as yet. `close` is asked when somebody wants out, by button or Escape. */
export function dialog(className: string, close: (() => void) | null): Shell {
  const id = `dialog-${++count}`;
  const title = h("h2", { id });
  const body = h("div", { className: "body" });
  const element = h(
    "dialog",
    { className, attributes: { "aria-labelledby": id } },
    h("header", {}, title, close ? iconButton("close", "Close", close) : null),
    body,
  );
  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    close?.();
  });
  return { element, title, body };
}
