/** The last known state of each item, from lists, reads and own writes, which may arrive late. */

import type { ItemSummary, Stored } from "./item";

/** This page's own last write of an item. */
interface Own {
  /** The states that it replaced, also through earlier own writes in a row. */
  over: Set<string | null>;
  etag: string;
}

export class Known {
  private readonly items = new Map<string, ItemSummary>();
  /** The beginning of the last life of an item that has ended: a list may lag behind. */
  private readonly ended = new Map<string, string>();
  private readonly own = new Map<string, Own>();
  /** The number of the request that each item's known state is from. */
  private readonly asOf = new Map<string, number>();
  private requests = 0;

  all(): ItemSummary[] {
    return [...this.items.values()];
  }

  get(id: string): ItemSummary | undefined {
    return this.items.get(id);
  }

  /** Returns whether this page has written the item. A list may lack that write. */
  isOwn(id: string): boolean {
    return this.own.has(id);
  }

  /** Takes an item from a list, unless a later state is known. */
  learn(item: ItemSummary): void {
    const known = this.items.get(item.id);
    if (item.created_at <= (this.ended.get(item.id) ?? "")) return;
    if (!known || !isOlder(item, known)) this.items.set(item.id, item);
  }

  forget(id: string): void {
    this.items.delete(id);
  }

  /** Returns the number of a request that begins now. */
  begin(): number {
    return ++this.requests;
  }

  /** Takes the response to a read (null: no item). Returns false if a later state is known. */
  settle(id: string, stored: Stored | null, asOf = this.begin()): boolean {
    if (asOf < (this.asOf.get(id) ?? 0)) return false;
    this.asOf.set(id, asOf);
    const known = this.items.get(id);
    if (stored) this.items.set(id, summaryOf(stored));
    else this.own.delete(id);
    if (!stored && known) this.end(known);
    return true;
  }

  /** Records this page's own deletion. */
  delete(item: ItemSummary): void {
    this.asOf.set(item.id, this.begin());
    this.end(item);
  }

  /** Returns the state that own writes have made of `etag`, because a list or a draft may lag. */
  latest(id: string, etag: string | null): string | null {
    const own = this.own.get(id);
    return own?.over.has(etag) ? own.etag : etag;
  }

  /** Records this page's own write over the states `tags`. */
  replace(stored: Stored, tags: (string | null)[]): void {
    const { id } = stored.item;
    this.settle(id, stored);
    const own = this.own.get(id);
    const before = own && tags.includes(own.etag) ? own.over : [];
    this.own.set(id, { over: new Set([...before, ...tags]), etag: stored.etag });
  }

  /** Ends a life of an item. Another person may have begun the next one already. */
  private end({ id, created_at }: ItemSummary): void {
    this.ended.set(id, created_at);
    if ((this.items.get(id)?.created_at ?? "") > created_at) return;
    this.items.delete(id);
    this.own.delete(id);
  }
}

function isOlder(one: ItemSummary, other: ItemSummary): boolean {
  if (one.created_at !== other.created_at) return one.created_at < other.created_at;
  return +one.version < +other.version;
}

export function summaryOf({ item, etag }: Stored): ItemSummary {
  return { ...item, etag };
}
