/** The list: rows, and what stands in their place while there are none. */

import type { Order } from "../api";
import { button, h, iconButton, reference } from "../dom";
import { type Field, ROW_FIELDS, show } from "../fields";
import { ago, moment } from "../format";
import type { ItemSummary } from "../item";
import type { Items, Row } from "../items";
import { compare, type Pages } from "../pages";
import { advice, type Problem } from "../problem";

export interface ListActions {
  open(id: string): void;
  remove(id: string): void;
  create(): void;
  sort(order: Order): void;
  export(): void;
}

const SKELETONS = 6;
/** The browser lays out, and makes inert beside a dialog, only the chunks of rows that are in view. */
const CHUNK = 50;
const ROW_HEIGHT = 4.25; // rem

interface RowElements {
  element: HTMLElement;
  update(row: Row, draft: boolean): void;
}

export class ListView {
  private readonly rows = new Map<string, RowElements>();
  private readonly list = h("div", { className: "rows", attributes: { role: "list" } });
  private readonly chunks: HTMLElement[] = [];
  private readonly after = h("div", { className: "after" });
  private readonly count = h("p", { className: "count", attributes: { role: "status" } });
  private readonly sorter = button("", "plain strong", () =>
    this.actions.sort(this.pages.order === "desc" ? "asc" : "desc"),
  );
  private readonly exporter = button("Export", "plain", () => this.actions.export());
  /** Apart from what follows, or that would jump away when the rows come: a layout shift. */
  private readonly waiting = h("div", { attributes: { "aria-hidden": "true" } });
  readonly element = h(
    "div",
    {},
    h("div", { className: "bar" }, this.count, h("span", {}, this.sorter, this.exporter)),
    this.waiting,
    this.list,
    this.after,
  );
  private shownAfter = "";

  constructor(
    private readonly items: Pick<Items, "rows">,
    private readonly pages: Pages,
    private readonly actions: ListActions,
  ) {}

  /** Brings the page to what the items are. */
  render(query: string, drafts: ReadonlySet<string>): void {
    const { order } = this.pages;
    const all = this.items.rows().sort((one, other) => compare(one.item, other.item, order));
    const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = wanted.length > 0 ? all.filter((row) => matches(row, wanted)) : all;
    const waiting = this.pages.loading === "first" ? SKELETONS : 0;
    if (this.waiting.childElementCount !== waiting)
      this.waiting.replaceChildren(...skeletons(waiting));
    this.list.hidden = rows.length === 0;
    this.sorter.hidden = this.exporter.hidden = all.length === 0;
    this.sorter.textContent = order === "desc" ? "Oldest first" : "Newest first";
    this.place(all, rows, drafts);
    const count = this.countText(rows.length, all.length, wanted.length > 0);
    if (this.count.textContent !== count) this.count.textContent = count;
    this.renderAfter(all.length, rows.length, query.trim());
  }

  /** Puts the keyboard on a row, or on its neighbour once it is gone. */
  focus(index: number): void {
    const openers = this.openers;
    const target = openers[Math.min(Math.max(index, 0), openers.length - 1)];
    (target ?? this.after.querySelector<HTMLElement>("button"))?.focus();
  }

  indexOf(id: string): number {
    return this.openers.findIndex((opener) => this.rows.get(id)?.element.contains(opener));
  }

  private get openers(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>(".open")];
  }

  /** Whether the rows have this item. */
  shows(id: string): boolean {
    return this.rows.get(id)?.element.isConnected ?? false;
  }

  /** Puts `rows` into the list; keeps those of `all` that a search hides. */
  private place(all: Row[], rows: Row[], drafts: ReadonlySet<string>): void {
    const ids = new Set(all.map(({ item }) => item.id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    const elements = rows.map((row) => {
      const known = this.rows.get(row.item.id) ?? this.row(row.item.id);
      this.rows.set(row.item.id, known);
      known.update(row, drafts.has(row.item.id));
      return known.element;
    });
    const { activeElement } = document;
    const count = Math.ceil(elements.length / CHUNK);
    while (this.chunks.length > count) this.chunks.pop()?.remove();
    while (this.chunks.length < count) {
      const chunk = h("div", { className: "chunk", attributes: { role: "presentation" } });
      this.chunks.push(this.list.appendChild(chunk));
    }
    this.chunks.forEach((chunk, n) => {
      fill(chunk, elements.slice(n * CHUNK, (n + 1) * CHUNK));
    });
    // A row that moves loses the focus.
    if (this.list.contains(activeElement) && activeElement instanceof HTMLElement)
      activeElement.focus({ preventScroll: true });
  }

  private row(id: string): RowElements {
    let busy = false;
    const name = button("", "open", () => busy || this.actions.open(id));
    name.dir = "auto";
    const end = h("span", { className: "value" });
    const below = h("span");
    const time = h("time");
    const state = h("span", { className: "state" });
    const remove = iconButton("delete", "", () => busy || this.actions.remove(id));
    remove.classList.add("delete");
    const leader = h("span", { className: "leader", attributes: { "aria-hidden": "true" } });
    const element = h(
      "div",
      { className: "row", attributes: { role: "listitem" } },
      h("span", { className: "line" }, name, leader, end),
      h("span", { className: "meta" }, below, time, state),
      remove,
    );
    let shown: unknown[] = [];
    const update = ({ item, change }: Row, draft: boolean) => {
      // Of 1,000 rows, most are what they were less than a minute ago.
      const now = [item, change, draft, Math.floor(Date.now() / 60_000)];
      if (now.every((each, index) => each === shown[index])) return;
      shown = now;
      name.textContent = item.name;
      const ends = shownIn(item, "end");
      end.replaceChildren(...breakable(ends.map(([, value]) => value).join(" · ")));
      leader.hidden = ends.length === 0;
      below.textContent = shownIn(item, "below")
        .map(([{ label }, value]) => `${label} ${value}`)
        .join(" · ");
      below.hidden = below.textContent === "";
      time.dateTime = item.updated_at;
      time.title = moment(item.updated_at);
      time.textContent = ago(item.updated_at);
      state.textContent = change ? "Saving…" : draft ? "Draft" : "";
      busy = change !== null;
      element.classList.toggle("busy", busy);
      // Not `disabled`, which would take the focus away from whoever is there.
      for (const each of [name, remove]) each.setAttribute("aria-disabled", String(busy));
      remove.setAttribute("aria-label", `Delete ${item.name}`);
    };
    return { element, update };
  }

  private countText(shown: number, all: number, searching: boolean): string {
    const { loading, more, order, problem } = this.pages;
    if (loading === "first") return "Loading your items…";
    const items = `${all} ${all === 1 ? "item" : "items"}`;
    if (searching && more && !problem) return `${shown} of ${items} so far, looking further…`;
    if (searching) return `${shown} of ${items}${more ? " loaded" : ""}`;
    if (all === 0) return "";
    const first = order === "desc" ? "newest first" : "oldest first";
    return more ? `${items} loaded, ${first}` : `${items}, ${first}`;
  }

  /** What follows the rows, made again only when it is something else: it may have the focus. */
  private renderAfter(all: number, shown: number, query: string): void {
    const { loading, problem, more } = this.pages;
    const key = JSON.stringify([loading, problem?.message, more, all === 0, shown === 0, query]);
    if (key === this.shownAfter) return;
    const hadFocus = this.after.contains(document.activeElement);
    this.shownAfter = key;
    this.after.replaceChildren(...this.whatFollows(all, shown, query));
    this.element.setAttribute("aria-busy", String(loading !== null));
    if (hadFocus) this.after.querySelector<HTMLElement>("button")?.focus();
  }

  private whatFollows(all: number, shown: number, query: string): Node[] {
    const { loading, problem, more } = this.pages;
    const found: Node[] = [];
    if (problem) found.push(this.trouble(problem, all === 0));
    else if (all === 0 && !more) found.push(this.empty());
    else if (shown === 0 && query && !more) {
      found.push(blank(`Nothing matches “${query}”`, "Look for another word."));
    }
    if (loading === "more") {
      found.push(
        h("button", { type: "button", className: "quiet wide", disabled: true }, "Loading…"),
      );
    } else if (!loading && !problem && more) {
      found.push(button("Load more", "quiet wide", () => void this.loadMore()));
    }
    return found;
  }

  /** Goes on, with the keyboard, at the first row that was not there before. */
  private async loadMore(): Promise<void> {
    const before = this.openers.length;
    await this.pages.load();
    const { activeElement } = document;
    if (activeElement !== document.body && !this.after.contains(activeElement)) return;
    if (this.openers.length > before) this.focus(before);
    else this.after.querySelector<HTMLElement>("button")?.focus();
  }

  private empty(): HTMLElement {
    const first = button("Add your first item", "primary", () => this.actions.create());
    return blank("Nothing here yet", "Items you add appear here, newest first.", first);
  }

  private trouble(problem: Problem, nothing: boolean): HTMLElement {
    const title = nothing ? "Your items could not be loaded" : "There is more, but it did not come";
    const again = button("Try again", "quiet", () => void this.pages.load());
    const element = blank(title, `${problem.message} ${advice(problem)}`, again);
    element.setAttribute("role", "alert");
    const id = reference(problem.requestId);
    if (id) element.append(id);
    return element;
  }
}

/** Moves as few rows as it can. */
function fill(chunk: HTMLElement, rows: Element[]): void {
  const wanted = new Set(rows);
  for (const row of [...chunk.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, index) => {
    const there = chunk.children[index];
    if (there !== row) chunk.insertBefore(row, there ?? null);
  });
  // Until it has been in view, after which the browser remembers the real one.
  chunk.style.containIntrinsicHeight = `auto ${rows.length * ROW_HEIGHT}rem`;
}

/** The fields of a place in the row that the item has, and their values. */
function shownIn(item: ItemSummary, place: Field["row"]): [Field, string][] {
  return ROW_FIELDS.filter(({ row }) => row === place)
    .map((field): [Field, string] => [field, show(field, item[field.name])])
    .filter(([, value]) => value !== "");
}

/** Whether the item has every one of the words, in any order. */
function matches({ item }: Row, wanted: string[]): boolean {
  const values = ROW_FIELDS.flatMap((field) => [item[field.name], show(field, item[field.name])]);
  const text = [item.name, item.id, ...values].join(" ").toLowerCase();
  return wanted.every((word) => text.includes(word));
}

/** A number that may be broken between its groups of digits. */
function breakable(number: string): (string | Node)[] {
  return number.split(/(?<=\P{Nd})/u).flatMap((group) => [group, h("wbr")]);
}

function blank(title: string, text: string, ...more: Node[]): HTMLElement {
  return h("div", { className: "blank" }, h("h2", {}, title), h("p", {}, text), ...more);
}

function skeletons(count: number): HTMLElement[] {
  return Array.from({ length: count }, () =>
    h("div", { className: "skeleton" }, h("i"), h("i"), h("i")),
  );
}
