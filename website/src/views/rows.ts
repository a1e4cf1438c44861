/** The rows of the list. */

import { button, h, iconButton } from "../dom";
import { type Field, ROW_FIELDS, show } from "../fields";
import { ago, moment } from "../format";
import type { ItemSummary } from "../item";
import type { Row } from "../items";

/** The rows of a chunk. The browser skips the layout and the style of chunks out of view. */
const CHUNK = 10;
const ROW_HEIGHT = 4.25; // rem

interface RowElements {
  element: HTMLElement;
  opener: HTMLElement;
  update(row: Row, draft: boolean): void;
}

interface Chunk {
  element: HTMLElement;
  /** The number of its rows that a search shows. */
  shown: number;
}

export class Rows {
  readonly element = h("div.rows", { role: "list" });
  private readonly chunks: Chunk[] = [];
  private readonly rows = new Map<string, RowElements>();
  /** All rows in their order, and the ids of the shown rows. */
  private placed: HTMLElement[] = [];
  private shown: string[] = [];

  constructor(private readonly actions: { open(id: string): void; remove(id: string): void }) {}

  /** Puts the rows into this order, and shows only the rows in `shown`. */
  place(rows: Row[], shown: ReadonlySet<Row>, drafts: ReadonlySet<string>): void {
    this.drop(new Set(rows.map(({ item }) => item.id)));
    this.shown = [...shown].map(({ item }) => item.id);
    const placed = rows.map((row) => {
      const { id } = row.item;
      const known = this.rows.get(id) ?? this.make(id);
      this.rows.set(id, known);
      known.update(row, drafts.has(id));
      const hidden = !shown.has(row);
      if (known.element.hidden !== hidden) known.element.hidden = hidden;
      return known.element;
    });
    const same = placed.length === this.placed.length;
    if (!same || placed.some((element, n) => element !== this.placed[n])) this.move(placed);
    this.chunks.forEach((chunk, n) => {
      resize(chunk, rows.slice(n * CHUNK, (n + 1) * CHUNK).filter((row) => shown.has(row)).length);
    });
  }

  /** Focuses a row, or its neighbor if it is gone. Returns false if there is no row. */
  focus(index: number): boolean {
    const id = this.shown[Math.min(Math.max(index, 0), this.length - 1)] ?? "";
    this.rows.get(id)?.opener.focus();
    return this.length > 0;
  }

  get length(): number {
    return this.shown.length;
  }

  /** Returns the position of an item, -1 if it is not shown. */
  indexOf(id: string): number {
    return this.shown.indexOf(id);
  }

  private drop(kept: ReadonlySet<string>): void {
    for (const [id, { element }] of this.rows) {
      if (kept.has(id)) continue;
      element.remove();
      this.rows.delete(id);
    }
  }

  private move(placed: HTMLElement[]): void {
    const reordered = placed[0] === this.placed.at(-1);
    this.placed = placed;
    const { activeElement } = document;
    while (this.chunks.length * CHUNK < placed.length) {
      const element = h("div.chunk", { role: "presentation" });
      this.chunks.push({ element: this.element.appendChild(element), shown: 0 });
    }
    // In another order, removing all rows first is quicker than moving each.
    if (reordered) for (const { element } of this.chunks) element.replaceChildren();
    this.chunks.forEach(({ element }, n) => {
      const rows = placed.slice(n * CHUNK, (n + 1) * CHUNK);
      if (reordered) element.replaceChildren(...rows);
      let there = element.firstElementChild;
      for (const row of rows) {
        if (row === there) there = there.nextElementSibling;
        else element.insertBefore(row, there);
      }
    });
    // A row that moves loses the focus.
    if (this.element.contains(activeElement) && activeElement instanceof HTMLElement)
      activeElement.focus({ preventScroll: true });
  }

  private make(id: string): RowElements {
    let busy = false;
    const name = button("", "open", () => busy || this.actions.open(id));
    name.dir = "auto";
    const end = h("span.value");
    const below = h("span");
    const time = h("time");
    const state = h("span.state");
    const remove = iconButton("delete", "", () => busy || this.actions.remove(id));
    remove.classList.add("delete");
    const leader = h("span.leader", { ariaHidden: "true" });
    const meta = h("span.meta", below, time, state);
    const line = h("span.line", name, leader, end);
    const element = h("div.row", { role: "listitem" }, line, meta, remove);
    let shown: unknown[] = [];
    const update = ({ item, saving }: Row, draft: boolean) => {
      // Of 1,000 rows, most have not changed within a minute.
      const now = [item, saving, draft, Math.floor(Date.now() / 60_000)];
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
      state.textContent = saving ? "Saving…" : draft ? "Draft" : "";
      busy = saving;
      element.classList.toggle("busy", busy);
      // Not `disabled`, which would take the focus away.
      for (const each of [name, remove]) each.ariaDisabled = String(busy);
      remove.ariaLabel = `Delete ${item.name}`;
    };
    return { element, opener: name, update };
  }
}

/** Sets a chunk's height until it has been in view. Then the browser remembers the real height. */
function resize(chunk: Chunk, shown: number): void {
  if (chunk.shown === shown) return;
  chunk.shown = shown;
  chunk.element.hidden = shown === 0;
  chunk.element.style.containIntrinsicHeight = `auto ${shown * ROW_HEIGHT}rem`;
}

/** Returns the item's fields in a place of the row, with their values. */
function shownIn(item: ItemSummary, place: Field["row"]): [Field, string][] {
  return ROW_FIELDS.filter(({ row }) => row === place)
    .map((field): [Field, string] => [field, show(field, item[field.name])])
    .filter(([, value]) => value !== "");
}

/** Returns a number with line breaks allowed between its digits. */
function breakable(number: string): (string | Node)[] {
  return number.split(/(?<=\P{Nd})/u).flatMap((group) => [group, h("wbr")]);
}
