/** Where somebody is, as the fragment of the address: it can be opened, shared and gone back to. */

import type { Order } from "./api";
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
  const fragment = parameters.size > 0 ? `${path}?${parameters}` : path;
  return fragment === "/" ? "" : `#${fragment}`;
}

function idOf(encoded: string | undefined): string | null {
  try {
    return encoded === undefined ? null : decodeURIComponent(encoded);
  } catch {
    return null; // not of our making
  }
}
