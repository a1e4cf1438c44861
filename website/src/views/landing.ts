/** The page of a person who is not signed in. */

import { button, h } from "../dom";
import { formatNumber } from "../number";

const SAMPLE = {
  "Oak desk lamp": "79.25",
  "Stoneware teapot": "38",
  "Brass clock": "124.5",
  "Wool blanket": "96",
  "Walnut tray": "41.75",
};
const LEAD =
  "A plain list that only you can see. Prices stay exactly as you write them, to the last digit.";
const NEW_HERE = "New here? If this service lets you make an account, you can on the next page.";

/** Returns the page. `trouble` is a message above it, such as that signing in did not work. */
export function landing(signIn: () => void, trouble: string): HTMLElement {
  const lines = Object.entries(SAMPLE).map(([name, price]) => {
    const value = h("span.value", formatNumber(price, { decimals: 2 }));
    return h("div.line", h("span", name), h("span.leader"), value);
  });
  return h(
    "div.landing",
    h(
      "div.pitch",
      trouble ? h("p.trouble", { role: "alert" }, trouble) : null,
      h("h1", "Your things, and what they cost."),
      h("p.lead", LEAD),
      button("Sign in", "primary large", signIn),
      h("p.small", NEW_HERE),
    ),
    h("div.sample", { ariaHidden: "true" }, ...lines),
  );
}
