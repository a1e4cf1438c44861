/** The rows of the list. */

import { button, h, iconButton } from "../dom";
import { type Field, ROW_FIELDS, show } from "../fields";
import { ago, moment } from "../format";
import type { ItemSummary } from "../item";
import type { Row } from "../items";

/** The browser lays out, and makes inert beside a dialog, only the chunks of rows that are in view. */
const CHUNK = 50;
const ROW_HEIGHT = 4.25; // rem

interface RowElements {
  element: HTMLElement;
  update(row: Row, draft: boolean): void;
}

export class Rows {
  readonly element = h("div", { className: "rows", attributes: { role: "list" } });
  private readonly chunks: HTMLElement[] = [];
  private readonly rows = new Map<string, RowElements>();

  constructor(private readonly actions: { open(id: string): void; remove(id: string): void }) {}

  /** Puts `rows` into the list; keeps those of `all` that a search hides. */
  place(all: Row[], rows: Row[], drafts: ReadonlySet<string>): void {
    const ids = new Set(all.map(({ item }) => item.id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
    const elements = rows.map((row) => {
      const known = this.rows.get(row.item.id) ?? this.make(row.item.id);
      this.rows.set(row.item.id, known);
      known.update(row, drafts.has(row.item.id));
      return known.element;
    });
    const { activeElement } = document;
    const count = Math.ceil(elements.length / CHUNK);
    while (this.chunks.length > count) this.chunks.pop()?.remove();
    while (this.chunks.length < count) {
      const chunk = h("div", { className: "chunk", attributes: { role: "presentation" } });
      this.chunks.push(this.element.appendChild(chunk));
    }
    this.chunks.forEach((chunk, n) => {
      fill(chunk, elements.slice(n * CHUNK, (n + 1) * CHUNK));
    });
    // A row that moves loses the focus.
    if (this.element.contains(activeElement) && activeElement instanceof HTMLElement)
      activeElement.focus({ preventScroll: true });
  }

  /** Puts the keyboard on a row, or on its neighbour once it is gone; false if there is none. */
  focus(index: number): boolean {
    const { openers } = this;
    openers[Math.min(Math.max(index, 0), openers.length - 1)]?.focus();
    return openers.length > 0;
  }

  get length(): number {
    return this.openers.length;
  }

  indexOf(id: string): number {
    return this.openers.findIndex((opener) => this.rows.get(id)?.element.contains(opener));
  }

  private get openers(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>(".open")];
  }

  /** Whether the rows have this item. */
  shows(id: string): boolean {
    return this.rows.get(id)?.element.isConnected ?? false;
  }

  private make(id: string): RowElements {
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
}

/** Moves as few rows as it can. */
function fill(chunk: HTMLElement, rows: Element[]): void {
  // The height until it has been in view, after which the browser remembers the real one.
  if (chunk.childElementCount !== rows.length)
    chunk.style.containIntrinsicHeight = `auto ${rows.length * ROW_HEIGHT}rem`;
  const wanted = new Set(rows);
  for (const row of [...chunk.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, index) => {
    const there = chunk.children[index];
    if (there !== row) chunk.insertBefore(row, there ?? null);
  });
}

/** The fields of a place in the row that the item has, and their values. */
function shownIn(item: ItemSummary, place: Field["row"]): [Field, string][] {
  return ROW_FIELDS.filter(({ row }) => row === place)
    .map((field): [Field, string] => [field, show(field, item[field.name])])
    .filter(([, value]) => value !== "");
}

/** A number that may be broken between its groups of digits. */
function breakable(number: string): (string | Node)[] {
  return number.split(/(?<=\P{Nd})/u).flatMap((group) => [group, h("wbr")]);
}
