/**
 * The list as the page shows it: what the API said, with this person's own changes on top.
 *
 * A change shows at once and is taken back if it fails. The list is eventually consistent, so
 * what was just written or deleted here outlives a page that does not know of it yet.
 */

import type { ItemsApi } from "./api";
import type { Content, Stored, Summary } from "./item";
import { asProblem, type Problem } from "./problem";

export type Change = "creating" | "saving" | "deleting";

export interface Row {
  item: Summary;
  /** What is under way and not confirmed yet. */
  change: Change | null;
}

/** The part of the API that this needs. */
export type Source = Pick<ItemsApi, "list" | "put" | "delete">;

interface Pending {
  change: Change;
  shown: Summary;
}

const PAGE = 25;
const LARGEST_PAGE = 100;

export class Catalogue {
  /** The first page, or what was asked for again, is on its way. */
  loading: "first" | "more" | null = null;
  problem: Problem | null = null;
  private readonly known = new Map<string, Summary>();
  private readonly pending = new Map<string, Pending>();
  /** Deleted here: the id, and when that life of the item began. */
  private readonly deleted = new Map<string, string>();
  private cursor: string | null = null;
  private begun = false;

  constructor(
    private readonly source: Source,
    private readonly changed: () => void,
  ) {}

  /** Whether there is more than what is loaded. */
  get more(): boolean {
    return !this.begun || this.cursor !== null;
  }

  get loaded(): number {
    return this.known.size;
  }

  /** Newest first; what is being created comes before everything. */
  rows(): Row[] {
    const creating: Row[] = [];
    const rows: Row[] = [];
    for (const { change, shown } of this.pending.values()) {
      if (change === "creating") creating.push({ item: shown, change });
    }
    for (const item of this.known.values()) {
      const pending = this.pending.get(item.id);
      if (pending?.change !== "deleting") {
        rows.push({ item: pending?.shown ?? item, change: pending?.change ?? null });
      }
    }
    rows.sort((a, b) => (a.item.created_at < b.item.created_at ? 1 : -1));
    return [...creating.reverse(), ...rows];
  }

  row(id: string): Summary | undefined {
    return this.pending.get(id)?.shown ?? this.known.get(id);
  }

  /** Loads the next page, or several until there are `atLeast` items. Never throws. */
  async load(atLeast = 0): Promise<void> {
    if (this.loading || !this.more) return;
    this.loading = this.begun ? "more" : "first";
    this.problem = null;
    this.changed();
    try {
      do {
        const missing = Math.min(Math.max(atLeast - this.loaded, PAGE), LARGEST_PAGE);
        const page = await this.source.list(this.cursor, missing);
        for (const item of page.items) this.learn(item);
        this.cursor = page.cursor;
        this.begun = true;
      } while (this.cursor !== null && this.loaded < atLeast);
    } catch (error) {
      this.problem = asProblem(error);
    }
    this.loading = null;
    this.changed();
  }

  /** Creates (`etag` null) or replaces an item. Throws what `ItemsApi.put` does. */
  async save(content: Content, etag: string | null): Promise<Stored> {
    const before = this.known.get(content.id);
    const now = new Date().toISOString();
    const { description: _, ...shown } = content;
    const life = before ?? { created_at: now, version: "1" };
    const change = before ? "saving" : "creating";
    return this.during(content.id, change, { ...life, ...shown, updated_at: now }, async () => {
      const stored = await this.source.put(content, etag);
      this.accept(stored);
      return stored;
    });
  }

  /** Takes over what is known to be stored now. */
  accept({ item: { description: _, ...summary } }: Stored): void {
    this.deleted.delete(summary.id);
    this.known.set(summary.id, summary);
    this.changed();
  }

  /** Takes note that an item is gone. */
  drop(id: string): void {
    const item = this.known.get(id);
    if (item) this.deleted.set(id, item.created_at);
    this.known.delete(id);
    this.changed();
  }

  /**
   * Hides an item and gives two ways on, of which the first one that is taken counts: `commit`
   * deletes it (throws what `ItemsApi.delete` does), `undo` shows it again.
   */
  remove(id: string): { commit(keepalive?: boolean): Promise<void>; undo(): void } {
    let open = true;
    const item = this.known.get(id);
    if (item) this.pending.set(id, { change: "deleting", shown: item });
    this.changed();
    return {
      commit: async (keepalive = false) => {
        if (!open || !item) return;
        open = false;
        await this.during(id, "deleting", item, async () => {
          await this.source.delete(id, keepalive);
          this.drop(id);
        });
      },
      undo: () => {
        if (!open) return;
        open = false;
        this.pending.delete(id);
        this.changed();
      },
    };
  }

  private async during<T>(
    id: string,
    change: Change,
    shown: Summary,
    work: () => Promise<T>,
  ): Promise<T> {
    this.pending.set(id, { change, shown });
    this.changed();
    try {
      return await work();
    } finally {
      this.pending.delete(id);
      this.changed();
    }
  }

  /** Takes an item from a list, unless more is known of it already. */
  private learn(item: Summary): void {
    if (this.deleted.get(item.id) === item.created_at) return;
    const known = this.known.get(item.id);
    const older = known?.created_at === item.created_at && +known.version > +item.version;
    if (!older) this.known.set(item.id, item);
  }
}
