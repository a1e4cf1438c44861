/** The place in the page, as the fragment of its address, to open, share and go back to. */

import type { Order } from "./api";
import { afterFrame } from "./dom";
import { NEW } from "./memory";

export interface Address {
  /** The open item: its id, NEW, or null. */
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

/** Returns the fragment, empty for the initial list. */
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
  /** Resolves when the history has arrived at `at`. Going back takes a while. */
  settled: Promise<unknown> = Promise.resolve();
  private returning = false;

  /** Calls `moved` after Back, Forward, or a link, with the previous address. */
  constructor(moved: (before: Address) => void) {
    addEventListener("popstate", () => {
      if (this.returning) return;
      const before = this.at;
      this.at = parseAddress(location.hash);
      moved(before);
    });
  }

  /** Changes the address. With `push`, Back leads to the previous one. */
  go(changes: Partial<Address>, push = false): void {
    this.at = { ...this.at, ...changes };
    const url = location.pathname + formatAddress(this.at);
    this.settled = this.settled.then(() =>
      push ? history.pushState("pushed", "", url) : history.replaceState(history.state, "", url),
    );
  }

  /** Returns from an open item to the list, by one step back if it was opened there. */
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
    return null; // not encoded by this page
  }
}
