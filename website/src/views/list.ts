/** The list: rows, or the text in their place. */

import type { Order } from "../api";
import { button, h, reference } from "../dom";
import { ROW_FIELDS, show } from "../fields";
import type { ItemSummary } from "../item";
import type { Items, Row } from "../items";
import { compare, type Pages } from "../pages";
import { advice, type Problem } from "../problem";
import { Rows } from "./rows";

export interface ListActions {
  open(id: string): void;
  remove(id: string): void;
  create(): void;
  sort(order: Order): void;
  export(): void;
}

const SKELETONS = 6;
const REVERSE = { desc: "Oldest first", asc: "Newest first" };

export class ListView {
  private readonly after = h("div.after");
  private readonly count = h("p.count", { role: "status" });
  private readonly sorter = button("", "plain strong", () => {
    const order = this.pages.order === "desc" ? "asc" : "desc";
    this.sorter.textContent = REVERSE[order]; // drawn before the rows are sorted
    this.actions.sort(order);
  });
  private readonly exporter = button("Export", "plain", () => this.actions.export());
  /** Stands before the rows. After them, arriving rows would push it away: a layout shift. */
  private readonly waiting = h("div", { ariaHidden: "true" });
  readonly rows: Rows;
  readonly element: HTMLElement;
  private shownAfter = "";

  constructor(
    private readonly items: Pick<Items, "rows">,
    private readonly pages: Pages,
    private readonly actions: ListActions,
  ) {
    this.rows = new Rows(actions);
    const bar = h("div.bar", this.count, h("span", this.sorter, this.exporter));
    this.element = h("div", bar, this.waiting, this.rows.element, this.after);
  }

  render(query: string, drafts: ReadonlySet<string>): void {
    const { order } = this.pages;
    const all = this.items.rows().sort((one, other) => compare(one.item, other.item, order));
    const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = wanted.length > 0 ? all.filter((row) => matches(row, wanted)) : all;
    const waiting = this.pages.loading === "first" ? SKELETONS : 0;
    if (this.waiting.childElementCount !== waiting)
      this.waiting.replaceChildren(...skeletons(waiting));
    this.rows.element.hidden = rows.length === 0;
    this.sorter.hidden = this.exporter.hidden = all.length === 0;
    this.sorter.textContent = REVERSE[order];
    this.rows.place(all, new Set(rows), drafts);
    const count = this.countText(rows.length, all.length, wanted.length > 0);
    if (this.count.textContent !== count) this.count.textContent = count;
    this.renderAfter(all.length, rows.length, query.trim());
  }

  /** Focuses a row, or its neighbor if it is gone, otherwise the button after the rows. */
  focus(index: number): void {
    if (!this.rows.focus(index)) this.after.querySelector<HTMLElement>("button")?.focus();
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

  /** Replaces the part after the rows only when it changes, because it may have the focus. */
  private renderAfter(all: number, shown: number, query: string): void {
    const { loading, problem, more } = this.pages;
    const key = JSON.stringify([loading, problem?.message, more, all === 0, shown === 0, query]);
    if (key === this.shownAfter) return;
    const hadFocus = this.after.contains(document.activeElement);
    this.shownAfter = key;
    this.after.replaceChildren(...this.following(all, shown, query));
    this.element.ariaBusy = String(loading !== null);
    if (hadFocus) this.after.querySelector<HTMLElement>("button")?.focus();
  }

  /** Returns the part after the rows. */
  private following(all: number, shown: number, query: string): Node[] {
    const { loading, problem, more } = this.pages;
    const nodes: Node[] = [];
    if (problem) nodes.push(this.trouble(problem, all === 0));
    else if (all === 0 && !more) nodes.push(this.empty());
    else if (shown === 0 && query && !more) {
      nodes.push(blank(`No item matches “${query}”`, "Look for another word."));
    }
    if (loading === "more") {
      nodes.push(h("button.quiet.wide", { disabled: true }, "Loading…"));
    } else if (!loading && !problem && more) {
      nodes.push(button("Load more", "quiet wide", () => void this.loadMore()));
    }
    return nodes;
  }

  /** Loads more, and focuses the first new row. */
  private async loadMore(): Promise<void> {
    const before = this.rows.length;
    await this.pages.load();
    const { activeElement } = document;
    if (activeElement !== document.body && !this.after.contains(activeElement)) return;
    if (this.rows.length > before) this.focus(before);
    else this.after.querySelector<HTMLElement>("button")?.focus();
  }

  private empty(): HTMLElement {
    const first = button("Add your first item", "primary", () => this.actions.create());
    return blank("No items yet", "Items you add appear here, newest first.", first);
  }

  private trouble(problem: Problem, empty: boolean): HTMLElement {
    const title = empty ? "Your items could not be loaded" : "More items could not be loaded";
    const again = button("Try again", "quiet", () => void this.pages.load());
    const text = `${problem.message} ${advice(problem)}`;
    const element = blank(title, text, again, reference(problem.requestId));
    element.role = "alert";
    return element;
  }
}

const texts = new WeakMap<ItemSummary, string>();

/** Returns the text to search in, cached because formatting numbers is slow. */
function textOf(item: ItemSummary): string {
  const known = texts.get(item);
  if (known !== undefined) return known;
  const values = ROW_FIELDS.flatMap((field) => [item[field.name], show(field, item[field.name])]);
  const text = [item.name, item.id, ...values].join(" ").toLowerCase();
  texts.set(item, text);
  return text;
}

/** Returns whether the item has all words, in any order. */
function matches({ item }: Row, wanted: string[]): boolean {
  return wanted.every((word) => textOf(item).includes(word));
}

function blank(title: string, text: string, ...more: (Node | null)[]): HTMLElement {
  return h("div.blank", h("h2", title), h("p", text), ...more);
}

function skeletons(count: number): HTMLElement[] {
  return Array.from({ length: count }, () => h("div.skeleton", h("i"), h("i"), h("i")));
}
