/** What somebody sees who is not signed in. */

import { button, h } from "../dom";
import { formatNumber } from "../number";

const SAMPLE = [
  ["Oak desk lamp", "79.25"],
  ["Stoneware teapot", "38"],
  ["Brass clock", "124.5"],
  ["Wool blanket", "96"],
  ["Walnut tray", "41.75"],
] as const;

/** `trouble` is said above everything, such as that signing in did not work. */
export function landing(signIn: () => void, trouble: string): HTMLElement {
  return h(
    "div",
    { className: "landing" },
    h(
      "div",
      { className: "pitch" },
      trouble ? h("p", { className: "trouble", attributes: { role: "alert" } }, trouble) : null,
      h("h1", {}, "Your things, and what they cost."),
      h(
        "p",
        { className: "lead" },
        "A plain list that only you can see. Prices stay exactly as you write them, to the last digit.",
      ),
      button("Sign in", "primary large", signIn),
      h(
        "p",
        { className: "small" },
        "New here? If this service lets you make an account, you can on the next page.",
      ),
    ),
    h(
      "div",
      { className: "sample", attributes: { "aria-hidden": "true" } },
      ...SAMPLE.map(([name, price]) =>
        h(
          "div",
          { className: "line" },
          h("span", {}, name),
          h("span", { className: "leader" }),
          h("span", { className: "value" }, formatNumber(price, { decimals: 2 })),
        ),
      ),
    ),
  );
}
