/** The messages about saves and drafts, and the question about conflicts. */

import type { Conflict } from "./api";
import { typedOf } from "./fields";
import type { Stored } from "./item";
import type { Items, Outcome } from "./items";
import type { FieldError } from "./problem";
import { AGAIN, Choice, conflict, EDIT, MINE } from "./views/choice";
import type { Notice, Notices } from "./views/notices";

export class Saves {
  private readonly question = new Choice("conflict");
  readonly element = this.question.element;
  /** The message about the draft that was left last. */
  private kept: Notice | null = null;

  constructor(
    private readonly items: Items,
    private readonly notices: Notices,
    private readonly open: (id: string, errors?: FieldError[]) => void,
  ) {}

  /** Shows that an item is saved. `shown` is false if a search hides the item. */
  saved({ item }: Stored, shown: boolean): void {
    this.notices.notify(`“${item.name}” is saved.${shown ? "" : " The search does not match it."}`);
  }

  failed({ content, etag, problem }: Extract<Outcome, { kind: "not saved" }>): void {
    const edit = () => this.open(content.id, problem.fields);
    if (problem.fields.length > 0) {
      edit();
      return;
    }
    const again = { label: "Try again", run: () => void this.items.save(content, etag) };
    const text = `“${content.name}” was not saved. Your text is kept.`;
    this.notices.fail(text, problem, [again, { label: "Edit", run: edit }]);
  }

  /** Shows both versions, and performs the choice. */
  async resolve(found: Conflict): Promise<void> {
    const { mine, theirs } = found;
    const choice = await this.question.ask(conflict(found));
    if (theirs && choice === EDIT) {
      const draft = { ...typedOf(mine), etag: theirs.etag };
      this.items.type(mine.id, draft, { ...typedOf(theirs.item), etag: theirs.etag });
      this.open(mine.id);
    } else if (choice === MINE || choice === AGAIN) {
      void this.items.save(mine, theirs?.etag ?? null);
    } else {
      this.items.discard(mine.id);
    }
  }

  /** Shows that closing the editor kept a draft. */
  left(id: string): void {
    this.kept = this.notices.notify("Your text is kept as a draft.", {
      // Without a row, this is the only way back to it.
      stays: !this.items.row(id),
      actions: [
        { label: "Continue", run: () => this.open(id) },
        { label: "Discard", run: () => this.items.discard(id) },
      ],
    });
  }

  opened(): void {
    this.kept?.dismiss();
  }

  /** Offers the drafts of new items whose save was cut short by the end of the session or page. */
  offer(openId: string | null): void {
    for (const id of this.items.drafts()) {
      if (id === openId || this.items.row(id)) continue;
      this.notices.notify(`“${this.items.draft(id)?.name || "New item"}” is not saved yet.`, {
        stays: true,
        actions: [{ label: "Continue", run: () => this.open(id) }],
      });
    }
  }
}
