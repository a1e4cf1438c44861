/** The banner that says that this device has no network. */

import { h } from "../dom";

/** `back` is called when the network is there again. */
export function offlineBanner(back: () => void): HTMLElement {
  const element = h("p", { className: "banner", attributes: { role: "status" } });
  const show = () => {
    element.textContent = navigator.onLine
      ? ""
      : "You are offline. What you see may be out of date; what you type is kept.";
    if (navigator.onLine) back();
  };
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
  return element;
}
