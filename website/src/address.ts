/** Where somebody is, as the fragment of the address: it can be opened, shared and gone back to. */

import type { Order } from "./api";
import { afterFrame } from "./dom";
import { NEW } from "./memory";

export interface Address {
  /** The item that is open: its id, NEW, or null. */
  open: string | null;
  query: string;
  order: Order;
}

export function parseAddress(fragment: string): Address {
  const [path = "", search = ""] = fragment.replace(/^#/, "").split("?");
  const parameters = new URLSearchParams(search);
  return {
    open: path === "/new" ? NEW : idOf(/^\/items\/([^/]+)$/.exec(path)?.[1]),
    query: parameters.get("q") ?? "",
    order: parameters.get("order") === "asc" ? "asc" : "desc",
  };
}

/** The fragment, empty for the list as it is at first. */
export function formatAddress({ open, query, order }: Address): string {
  const path = open === NEW ? "/new" : open === null ? "/" : `/items/${encodeURIComponent(open)}`;
  const parameters = new URLSearchParams();
  if (query) parameters.set("q", query);
  if (order !== "desc") parameters.set("order", order);
  const search = String(parameters);
  const fragment = search ? `${path}?${search}` : path;
  return fragment === "/" ? "" : `#${fragment}`;
}

/** The address of the tab, and its history. */
export class Trail {
  at = parseAddress(location.hash);
  /** Ends when the history is where `at` is: going back takes a while. */
  settled: Promise<unknown> = Promise.resolve();
  private returning = false;

  /** `moved` is called after Back, Forward, or a link, with the address before. */
  constructor(moved: (before: Address) => void) {
    addEventListener("popstate", () => {
      if (this.returning) return;
      const before = this.at;
      this.at = parseAddress(location.hash);
      moved(before);
    });
  }

  /** Changes the address; `push` lets Back lead to the one before. */
  go(changes: Partial<Address>, push = false): void {
    this.at = { ...this.at, ...changes };
    const url = location.pathname + formatAddress(this.at);
    this.settled = this.settled.then(() =>
      push ? history.pushState("pushed", "", url) : history.replaceState(history.state, "", url),
    );
  }

  /** From an open item to the list: to where it was opened, if that is one step back. */
  close(): void {
    if (this.at.open === null) return;
    this.at = { ...this.at, open: null };
    const url = location.pathname + formatAddress(this.at);
    this.settled = this.settled.then(async () => {
      await new Promise<void>(afterFrame);
      if (history.state !== "pushed") {
        history.replaceState(null, "", url);
        return;
      }
      this.returning = true;
      history.back();
      await new Promise((resolve) => addEventListener("popstate", resolve, { once: true }));
      this.returning = false;
    });
  }
}

function idOf(encoded: string | undefined): string | null {
  try {
    return encoded === undefined ? null : decodeURIComponent(encoded);
  } catch {
    return null; // not of our making
  }
}
