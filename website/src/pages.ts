/** Load the pages of the list in order, all of them for a search. */

import type { ItemsApi, Order } from "./api";
import type { ItemSummary } from "./item";
import type { Items } from "./items";
import { asProblem, type Problem } from "./problem";
import { LIST_ITEMS_QUERY } from "./schema";

const PAGE = Number(LIST_ITEMS_QUERY.limit.default);
export const LARGEST_PAGE = Number(LIST_ITEMS_QUERY.limit.maximum);

export class Pages {
  loading: "first" | "more" | null = null;
  problem: Problem | null = null;
  order: Order = "desc";
  /** The number of loaded items. */
  loaded = 0;
  private cursor: string | null = null;
  private begun = false;
  /** A search is loading all pages. */
  private all = false;
  private running: Promise<void> | null = null;
  /** Counts the lists, to ignore a late page of an earlier list. */
  private list = 0;

  constructor(
    private readonly source: Pick<ItemsApi, "list">,
    private readonly items: Pick<Items, "learn" | "forget">,
    private readonly changed: () => void,
  ) {}

  /** Returns whether the service has more pages. */
  get more(): boolean {
    return !this.begun || this.cursor !== null;
  }

  /** Loads the next page, or several until there are `atLeast` items. Never throws. */
  load(atLeast = 0): Promise<void> {
    if (!this.more) return Promise.resolve();
    if (!this.loading) this.running = this.fetch(atLeast);
    return this.running ?? Promise.resolve();
  }

  /** Loads all pages, for as long as they are `wanted`. */
  async loadAll(wanted: () => boolean): Promise<void> {
    if (this.all) return;
    this.all = true;
    while (wanted() && this.more && !this.problem) await this.load(this.loaded + LARGEST_PAGE);
    this.all = false;
  }

  /** Changes the order. */
  async sort(order: Order): Promise<void> {
    if (order === this.order) return;
    this.order = order;
    if (!this.more) {
      this.changed();
      return;
    }
    // Otherwise the loaded rows would stand at the other end, after a gap.
    this.items.forget(new Set(), () => true);
    this.list++;
    this.begun = false;
    [this.loaded, this.cursor, this.loading] = [0, null, null];
    await this.load();
  }

  /** Loads the loaded part again, silently, to show other people's changes. Never throws. */
  async refresh(): Promise<void> {
    if (this.loading || !this.begun) return;
    const { list, loaded, order } = this;
    const listed: ItemSummary[] = [];
    let cursor: string | null = null;
    try {
      do {
        const page = await this.source.list(cursor, limit(loaded - listed.length), order);
        listed.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== null && listed.length < loaded);
    } catch {
      return; // the next refresh tries again
    }
    if (list !== this.list || this.loading || loaded !== this.loaded) return;
    for (const item of listed) this.items.learn(item);
    const last = listed.at(-1);
    const covers = (item: ItemSummary) => !cursor || !last || compare(item, last, order) <= 0;
    this.items.forget(new Set(listed.map(({ id }) => id)), covers);
    [this.loaded, this.cursor] = [listed.length, cursor];
    this.changed();
  }

  private async fetch(atLeast: number): Promise<void> {
    const { list } = this;
    this.loading = this.begun ? "more" : "first";
    this.problem = null;
    this.changed();
    try {
      do {
        const page = await this.source.list(this.cursor, limit(atLeast - this.loaded), this.order);
        if (list !== this.list) return;
        for (const item of page.items) this.items.learn(item);
        this.loaded += page.items.length;
        this.cursor = page.cursor;
        this.begun = true;
      } while (this.cursor !== null && this.loaded < atLeast);
    } catch (error) {
      if (list !== this.list) return;
      this.problem = asProblem(error);
    }
    this.loading = null;
    this.running = null;
    this.changed();
  }
}

function limit(missing: number): number {
  return Math.min(Math.max(missing, PAGE), LARGEST_PAGE);
}

/** Returns a negative number if one comes before the other. */
export function compare(one: ItemSummary, other: ItemSummary, order: Order): number {
  const [a, b] = order === "asc" ? [one, other] : [other, one];
  return a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0;
}
