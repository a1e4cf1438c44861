/**
 * The one owner of each item's state in this page: the last known state of the service, the draft,
 * the write that is being sent, and the removal that can still be undone.
 *
 * Writes to one item are sent one after the other. Each names the state that the person saw.
 */

import { Changed, Conflict, type ItemsApi } from "./api";
import { sameTyped, valuesOfTyped } from "./fields";
import { type Content, contentOf, type ItemSummary, type Stored, sameContent } from "./item";
import { Known, summaryOf } from "./known";
import type { Draft, Memory } from "./memory";
import { asProblem, type Problem } from "./problem";

export interface Row {
  item: ItemSummary;
  /** A write to it is under way. */
  saving: boolean;
}

/** The outcome of a write, to show to the person. */
export type Outcome =
  | { kind: "saved"; stored: Stored }
  | { kind: "conflict"; conflict: Conflict }
  | { kind: "not saved"; content: Content; etag: string | null; problem: Problem }
  | { kind: "deleted"; item: ItemSummary }
  | { kind: "changed"; theirs: ItemSummary }
  | { kind: "not deleted"; item: ItemSummary; problem: Problem };

export type Source = Pick<ItemsApi, "get" | "put" | "delete" | "leave">;

interface Removal {
  /** The item in the state that the person saw. */
  item: ItemSummary;
  draft: Draft | null;
  sent: boolean;
}

export class Items {
  private readonly known = new Known();
  /** The items as their writes under way will leave them. */
  private readonly sending = new Map<string, ItemSummary>();
  private readonly removals = new Map<string, Removal>();
  private readonly queues = new Map<string, Promise<void>>();
  private failures = 0;

  constructor(
    private readonly source: Source,
    private readonly memory: Memory,
    private readonly changed: () => void,
    private readonly report: (outcome: Outcome) => void,
  ) {}

  /** Returns the rows to show, in no order. */
  rows(): Row[] {
    const known = this.known.all().filter(({ id }) => !this.sending.has(id));
    const items = [...known, ...this.sending.values()].filter(({ id }) => !this.removals.has(id));
    return items.map((item) => ({ item, saving: this.sending.has(item.id) }));
  }

  row(id: string): ItemSummary | undefined {
    return this.sending.get(id) ?? this.known.get(id);
  }

  /** Takes an item from a list, unless a later state is known. */
  learn(item: ItemSummary): void {
    this.known.learn(item);
  }

  /** Forgets items that a list lacks, if it `covers` them. */
  forget(listed: ReadonlySet<string>, covers: (item: ItemSummary) => boolean): void {
    for (const item of this.known.all()) {
      const { id } = item;
      if (listed.has(id) || this.queues.has(id) || !covers(item)) continue;
      // A list may not have an own write yet.
      if (this.known.isOwn(id)) void this.read(id).catch(() => undefined);
      else this.known.forget(id);
    }
  }

  /** Returns the current item, null if there is none. Throws `Problem`. */
  async read(id: string): Promise<Stored | null> {
    const began = this.known.begin();
    const stored = await this.source.get(id);
    if (!this.known.settle(id, stored, began)) return this.read(id);
    this.changed();
    return stored;
  }

  draft(id: string): Draft | null {
    return this.memory.draft(id);
  }

  /** Returns the ids of items with a draft, NEW among them. */
  drafts(): string[] {
    return this.memory.drafts();
  }

  /** Keeps a draft, unless it equals `stored`. */
  type(id: string, typed: Draft, stored: Draft): void {
    if (sameTyped(typed, stored)) this.memory.dropDraft(id);
    else this.memory.keepDraft(id, typed);
  }

  discard(id: string): void {
    this.memory.dropDraft(id);
    this.changed();
  }

  /** Creates (`etag` null) or replaces an item, after earlier writes to it. */
  save(content: Content, etag: string | null): Promise<void> {
    const { id } = content;
    this.undo(id);
    const draft = this.memory.draft(id);
    // After a decided conflict, the draft is a change to the state that the person has seen.
    if (draft && isDraftOf(draft, content)) this.memory.keepDraft(id, { ...draft, etag });
    const updated_at = new Date().toISOString();
    // A new item sorts as the newest: "~" comes after all digits.
    const created = { created_at: `~${updated_at}`, version: "1", etag: "" };
    const { created_at, version, etag: shown } = this.known.get(id) ?? created;
    const item = { ...contentOf(content), created_at, updated_at, version, etag: shown };
    this.sending.set(id, item);
    return this.enqueue(id, async () => {
      const outcome = await this.put(content, etag);
      if (this.sending.get(id) === item) this.sending.delete(id);
      return outcome;
    });
  }

  /** Hides an item. `commit` or `leave` deletes it, `undo` shows it again. */
  remove(id: string): void {
    const item = this.known.get(id);
    if (!item || this.sending.has(id) || this.removals.has(id)) return;
    this.removals.set(id, { item, draft: this.memory.draft(id), sent: false });
    this.changed();
  }

  /** Returns the removals that can be undone, the newest last. */
  removing(): Removal[] {
    return [...this.removals.values()].filter(({ sent }) => !sent);
  }

  /** Ends a removal, unless it has been sent. */
  undo(id: string): void {
    if (this.removals.get(id)?.sent !== false) return;
    this.removals.delete(id);
    this.changed();
  }

  /** Deletes the items that are being removed. */
  commit(): void {
    for (const removal of this.removing()) void this.end(removal);
  }

  /** Deletes the same items as the page goes. Each request leaves before this returns. */
  leave(): void {
    for (const removal of this.removing()) {
      void this.end(removal, this.source.leave(removal.item.id, removal.item.etag));
    }
  }

  /** Sends all writes. Returns whether all have succeeded. */
  async finish(): Promise<boolean> {
    this.commit();
    const before = this.failures;
    while (this.queues.size > 0) await Promise.all(this.queues.values());
    return this.failures === before;
  }

  private async put(content: Content, over: string | null): Promise<Outcome> {
    const { id } = content;
    try {
      const last = this.known.latest(id, over);
      const stored = await this.source.put(content, last);
      this.known.replace(stored, [over, last]);
      const draft = this.memory.draft(id);
      // A draft that differs was typed since, and is a change to the stored state.
      if (draft && !isDraftOf(draft, content))
        this.memory.keepDraft(id, { ...draft, etag: stored.etag });
      else this.memory.dropDraft(id);
      return { kind: "saved", stored };
    } catch (thrown) {
      if (!(thrown instanceof Conflict)) {
        return { kind: "not saved", content, etag: over, problem: asProblem(thrown) };
      }
      this.known.settle(id, thrown.theirs);
      return { kind: "conflict", conflict: thrown };
    }
  }

  private end(removal: Removal, left?: Promise<void>): Promise<void> {
    removal.sent = true;
    return this.enqueue(removal.item.id, () => this.delete(removal, left));
  }

  private async delete({ item, draft }: Removal, left?: Promise<void>): Promise<Outcome> {
    const { id, etag } = item;
    try {
      const send = () => this.source.delete(id, etag);
      await (left?.catch(send) ?? send());
      this.known.delete(item);
      const typed = this.memory.draft(id);
      if (typed && draft && sameTyped(typed, draft)) this.memory.dropDraft(id);
      return { kind: "deleted", item };
    } catch (thrown) {
      if (!(thrown instanceof Changed)) {
        return { kind: "not deleted", item, problem: asProblem(thrown) };
      }
      this.known.settle(id, thrown.theirs);
      return { kind: "changed", theirs: summaryOf(thrown.theirs) };
    } finally {
      this.removals.delete(id);
    }
  }

  /** Sends a write after earlier writes to the same item, and reports its outcome. */
  private enqueue(id: string, work: () => Promise<Outcome>): Promise<void> {
    const before = this.queues.get(id);
    const run = (before ? before.then(work) : work()).then((outcome) => {
      if (this.queues.get(id) === run) this.queues.delete(id);
      if (outcome.kind !== "saved" && outcome.kind !== "deleted") this.failures++;
      this.changed();
      this.report(outcome);
    });
    this.queues.set(id, run);
    this.changed();
    return run;
  }
}

function isDraftOf(draft: Draft, content: Content): boolean {
  const { values } = valuesOfTyped(draft);
  return values !== null && sameContent({ ...values, id: content.id }, content);
}
