/** The dialog that creates or changes an item. */

import { afterFrame, button, h, reference } from "../dom";
import { BLANK, sameTyped, type Typed, typedOf } from "../fields";
import { moment } from "../format";
import { type Content, contentOf, type Item, newId, type Stored } from "../item";
import type { Items } from "../items";
import { type Draft, NEW } from "../memory";
import { advice, asProblem, type FieldError } from "../problem";
import { dialog } from "./dialog";
import { Fields } from "./fields";

export interface EditorActions {
  /** Returns the current item, null if there is none. Throws `Problem`. */
  read(id: string): Promise<Stored | null>;
  save(content: Content, etag: string | null): void;
  remove(id: string): void;
  /** The dialog was closed with an unsaved draft. */
  left(id: string): void;
  /** The dialog was opened for an id or for NEW. */
  opened(id: string): void;
  closed(id: string): void;
}

const EMPTY: Draft = { ...BLANK, etag: null };

export class Editor {
  private readonly shell = dialog("editor", () => this.close());
  readonly element = this.shell.element;
  private readonly fields = new Fields();
  private readonly note = h("div.note", { role: "status" });
  private readonly facts = h("dl.facts");
  private readonly submit = h("button.primary", { type: "submit" }, "Save");
  private readonly remove = button("Delete", "plain danger", () => {
    this.shut();
    this.actions.remove(this.id);
  });
  /** The id, or NEW. */
  private id = NEW;
  /** The fields before any typing. */
  private stored = EMPTY;
  /** The state to change: the stored one, or the earlier one of a draft. */
  private etag: string | null = null;
  /** Counts openings, to ignore a late response to an earlier one. */
  private opening = 0;

  constructor(
    private readonly items: Pick<Items, "draft" | "type">,
    private readonly actions: EditorActions,
  ) {
    const cancel = button("Cancel", "quiet", () => this.close());
    const footer = h("footer", this.remove, h("span.spring"), cancel, this.submit);
    const onsubmit = (event: SubmitEvent) => this.save(event);
    const oninput = () => this.typed();
    const parts = [this.note, this.fields.element, this.facts, footer];
    this.shell.body.append(h("form", { noValidate: true, onsubmit, oninput }, ...parts));
  }

  get openId(): string | null {
    return this.element.open ? this.id : null;
  }

  /** Opens for a new item, with its draft. A failed save has given it an `id` already. */
  create(id: string = NEW, errors: FieldError[] = []): void {
    this.show(id, "New item", BLANK);
    this.remove.hidden = true;
    this.ready(null, errors);
  }

  /** Opens for an existing item, with its draft. Shows `shown` until the item is loaded. */
  async edit(id: string, shown: Typed, errors: FieldError[] = []): Promise<void> {
    this.fields.enable(false);
    this.submit.disabled = true;
    this.show(id, "Edit item", shown);
    const opening = this.opening;
    const current = () => this.opening === opening && this.element.open;
    await new Promise<void>(afterFrame); // which draws the dialog
    if (!current()) return;
    try {
      const stored = await this.actions.read(id);
      if (!current()) return;
      if (!stored) {
        this.gone();
        return;
      }
      this.stored = { ...typedOf(stored.item), etag: stored.etag };
      this.ready(stored.item, errors);
    } catch (thrown) {
      if (!current()) return;
      const problem = asProblem(thrown);
      const again = button("Try again", "quiet", () => void this.edit(id, shown, errors));
      const text = `The item could not be opened. ${problem.message} ${advice(problem)}`;
      this.showNote(h("p", text), again, reference(problem.requestId));
      this.note.classList.add("failed");
    }
  }

  /** Takes a saved state. Later typing is a change to it. */
  saved({ item, etag }: Stored): void {
    if (this.openId !== item.id) return;
    this.stored = { ...typedOf(item), etag };
    this.etag = etag;
  }

  /** Shows that the item is deleted. Its draft can be saved as a new item. */
  private gone(): void {
    const text = "This item is not there any more. It may have been deleted elsewhere.";
    const draft = this.items.draft(this.id);
    if (draft) {
      this.items.type(this.id, { ...draft, etag: null }, EMPTY);
      this.create(this.id);
      this.showNote(h("p", text, " This is your unsaved text. Saving adds the item again."));
    } else {
      this.showNote(h("p", text));
    }
  }

  private show(id: string, title: string, shown: Typed): void {
    this.opening++;
    this.id = id;
    this.stored = { ...shown, etag: null };
    this.shell.title.textContent = title;
    this.remove.hidden = false;
    this.note.replaceChildren();
    this.facts.replaceChildren();
    this.fields.fill(shown);
    if (!this.element.open) this.element.showModal();
    this.actions.opened(id);
  }

  /** Enables the fields. `item` is the stored item, if there is one. */
  private ready(item: Item | null, errors: FieldError[]): void {
    const draft = this.items.draft(this.id);
    this.fields.enable(true);
    this.submit.disabled = false;
    this.fields.fill(draft ?? this.stored);
    // A draft belongs to its state. If that has changed, saving shows the conflict.
    this.etag = draft ? draft.etag : this.stored.etag;
    if (draft) {
      const restart = button("Start over", "plain strong", () => {
        this.note.replaceChildren();
        this.fields.fill(this.stored);
        this.typed();
        this.fields.focus();
      });
      this.showNote(h("p", "This is your unsaved text."), restart);
    }
    if (item) this.facts.append(...facts(item));
    this.fields.complain(errors);
    this.fields.focus();
  }

  private showNote(...nodes: (Node | null)[]): void {
    this.note.classList.remove("failed");
    this.note.replaceChildren(...nodes.filter((node) => node !== null));
  }

  private typed(): void {
    const { typed } = this.fields;
    if (sameTyped(typed, this.stored)) this.etag = this.stored.etag;
    this.items.type(this.id, { ...typed, etag: this.etag }, this.stored);
  }

  private save(event: SubmitEvent): void {
    event.preventDefault();
    if (this.stored.etag !== null && sameTyped(this.fields.typed, this.stored)) {
      this.shut(); // unchanged
      return;
    }
    const values = this.fields.valid();
    if (!values) {
      this.fields.focus();
      return;
    }
    const { etag } = this;
    const id = this.id === NEW ? newId(values.name) : this.id;
    const typed = { ...this.fields.typed, etag };
    // The draft moves to the new id, and stays until the save succeeds.
    this.items.type(this.id, EMPTY, EMPTY);
    this.items.type(id, typed, EMPTY);
    this.shut();
    this.actions.save(contentOf({ ...values, id }), etag);
  }

  /** Closes the dialog, and keeps the draft. */
  close(): void {
    const kept = this.items.draft(this.id) !== null;
    this.shut();
    if (kept) this.actions.left(this.id);
  }

  private shut(): void {
    this.opening++;
    this.element.close();
    this.actions.closed(this.id);
  }
}

function facts({ id, version, created_at, updated_at }: Item): HTMLElement[] {
  const times = { Added: moment(created_at), Changed: moment(updated_at) };
  return Object.entries({ Id: id, Version: version, ...times }).map(([term, value]) =>
    h("div", h("dt", term), h("dd", value)),
  );
}
