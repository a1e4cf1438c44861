/** The messages about deletions, one for all that can still be undone. */

import type { Items, Outcome } from "./items";
import type { ListView } from "./views/list";
import type { Notice, Notices } from "./views/notices";

type Deletion = Exclude<Outcome, { kind: "saved" | "not saved" | "conflict" }>;

export class Removals {
  /** The ids in the message. */
  private shownIds = "";
  private notice: Notice | null = null;
  /** The number of deletions in the last message. */
  private deleted = 0;
  private done: Notice | null = null;

  constructor(
    private readonly items: Items,
    private readonly list: ListView,
    private readonly notices: Notices,
  ) {}

  /** Hides an item. It is deleted when its message closes. */
  remove(id: string): void {
    const index = this.list.rows.indexOf(id);
    this.items.remove(id);
    this.list.focus(index);
  }

  /** Returns whether there was a removal to undo. */
  undoLast(): boolean {
    const last = this.items.removing().at(-1);
    if (last) this.undo([last.item.id]);
    return last !== undefined;
  }

  /** Updates the message. */
  render(): void {
    const removing = this.items.removing();
    const ids = removing.map(({ item }) => item.id);
    if (this.shownIds === ids.join()) return;
    this.shownIds = ids.join();
    this.notice?.dismiss();
    this.notice = null;
    const [first] = removing;
    if (!first) return;
    const one = removing.length === 1;
    const subject = one ? `“${first.item.name}” is` : `${removing.length} items are`;
    this.notice = this.notices.notify(`${subject} being deleted.`, {
      actions: [{ label: one ? "Undo" : "Undo all", run: () => this.undo(ids) }],
      onGone: () => this.items.commit(),
      keys: "Ctrl+Z undoes the last one.",
    });
  }

  /** Shows the outcome of a deletion. */
  report(outcome: Deletion, open: (id: string) => void): void {
    if (outcome.kind === "deleted") {
      this.deleted++;
      this.done?.dismiss();
      const subject =
        this.deleted === 1 ? `“${outcome.item.name}” is` : `${this.deleted} items are`;
      this.done = this.notices.notify(`${subject} deleted.`, {
        onGone: () => {
          this.deleted = 0;
        },
      });
    } else if (outcome.kind === "changed") {
      const { id, name } = outcome.theirs;
      this.notices.notify(`“${name}” was not deleted, because another person has changed it.`, {
        stays: true,
        actions: [
          { label: "Open", run: () => open(id) },
          { label: "Delete it", run: () => this.remove(id) },
        ],
      });
    } else {
      const { item, problem } = outcome;
      const again = { label: "Try again", run: () => this.remove(item.id) };
      this.notices.fail(`“${item.name}” was not deleted.`, problem, [again]);
    }
  }

  private undo(ids: string[]): void {
    for (const id of ids) this.items.undo(id);
    this.list.focus(this.list.rows.indexOf(ids.at(-1) ?? ""));
  }
}
