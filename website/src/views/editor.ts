/** The dialog in which an item is made or changed. */

import { button, h, reference } from "../dom";
import { moment } from "../format";
import { type Content, contentOf, type Item, newId, type Stored, type Summary } from "../item";
import { type Draft, type Memory, NEW } from "../memory";
import { advice, asProblem, type FieldError } from "../problem";
import { dialog } from "./dialog";
import { BLANK, Fields, sameTyped, typedOf } from "./fields";

export interface EditorActions {
  /** The item as it is now, or null if there is none. Throws a `Problem`. */
  read(id: string): Promise<Stored | null>;
  save(content: Content, etag: string | null): void;
  remove(id: string): void;
  /** It was closed with something typed that is not saved. */
  left(id: string): void;
  /** It was opened, for an id or for NEW. */
  opened(): void;
  closed(id: string): void;
}

export class Editor {
  private readonly shell = dialog("editor", () => this.close());
  readonly element = this.shell.element;
  private readonly fields = new Fields();
  private readonly note = h("div", { className: "note", attributes: { role: "status" } });
  private readonly facts = h("dl", { className: "facts" });
  private readonly submit = h("button", { type: "submit", className: "primary" }, "Save");
  private readonly remove = button("Delete", "plain danger", () => {
    const id = this.id;
    this.shut();
    this.memory.dropDraft(id);
    this.actions.remove(id);
  });
  /** The id, or NEW. */
  private id = NEW;
  /** What is being changed: what the fields would hold if nobody had typed. */
  private base: Draft = { ...BLANK, etag: null };
  /** Counts openings, so that a late answer to an earlier one is not taken for this one's. */
  private opening = 0;

  constructor(
    private readonly memory: Memory,
    private readonly actions: EditorActions,
  ) {
    const form = h(
      "form",
      { noValidate: true, on: { submit: (event) => this.save(event), input: () => this.typed() } },
      this.note,
      this.fields.element,
      this.facts,
      h(
        "footer",
        {},
        this.remove,
        h("span", { className: "spring" }),
        button("Cancel", "quiet", () => this.close()),
        this.submit,
      ),
    );
    this.shell.body.append(form);
  }

  get openId(): string | null {
    return this.element.open ? this.id : null;
  }

  /** For a new item, with what had been typed before; `id` if it had been given one. */
  create(id: string = NEW, errors: FieldError[] = []): void {
    this.show(id, "New item", { ...BLANK, etag: null });
    this.remove.hidden = true;
    this.ready(null, errors);
  }

  /** For an item that the list has. What was typed before is there again. */
  async edit(summary: Summary, errors: FieldError[] = []): Promise<void> {
    const { id } = summary;
    this.show(id, "Edit item", { ...typedOf(summary), etag: null });
    this.fields.enable(false);
    this.submit.disabled = true;
    const opening = this.opening;
    const current = () => this.opening === opening && this.element.open;
    try {
      const stored = await this.actions.read(id);
      if (!current()) return;
      if (!stored) {
        this.say(
          h("p", {}, "This item is not there any more. It may have been deleted elsewhere."),
        );
        return;
      }
      this.base = { ...typedOf(stored.item), etag: stored.etag };
      this.ready(stored.item, errors);
    } catch (thrown) {
      if (!current()) return;
      const problem = asProblem(thrown);
      const again = button("Try again", "quiet", () => void this.edit(summary, errors));
      const text = `The item could not be opened. ${problem.message} ${advice(problem)}`;
      this.say(h("p", {}, text), again, reference(problem.requestId));
      this.note.classList.add("failed");
    }
  }

  private show(id: string, title: string, base: Draft): void {
    this.opening++;
    this.id = id;
    this.base = base;
    this.shell.title.textContent = title;
    this.remove.hidden = false;
    this.note.replaceChildren();
    this.facts.replaceChildren();
    this.fields.fill(base);
    if (!this.element.open) this.element.showModal();
    this.actions.opened();
  }

  /** Lets the person type; `item` is what is stored, if anything is. */
  private ready(item: Item | null, errors: FieldError[]): void {
    const draft = this.memory.draft(this.id);
    this.fields.enable(true);
    this.submit.disabled = false;
    this.fields.fill(draft ?? this.base);
    if (draft) {
      const restart = button("Start over", "plain strong", () => {
        this.memory.dropDraft(this.id);
        this.note.replaceChildren();
        this.fields.fill(this.base);
        this.fields.focus();
      });
      this.say(h("p", {}, "Here is what you had typed and not saved."), restart);
      // It was written for that state; if there is another by now, saving shows the conflict.
      this.base = { ...this.base, etag: draft.etag };
    }
    if (item) this.facts.append(...facts(item));
    this.fields.complain(errors);
    this.fields.focus();
  }

  private say(...what: (Node | null)[]): void {
    this.note.classList.remove("failed");
    this.note.replaceChildren(...what.filter((node) => node !== null));
  }

  private typed(): void {
    const { typed } = this.fields;
    if (sameTyped(typed, this.base)) this.memory.dropDraft(this.id);
    else this.memory.keepDraft(this.id, { ...typed, etag: this.base.etag });
  }

  private save(event: SubmitEvent): void {
    event.preventDefault();
    if (this.base.etag !== null && this.memory.draft(this.id) === null) {
      this.shut(); // nothing was changed
      return;
    }
    const content = this.fields.valid();
    if (!content) {
      this.fields.focus();
      return;
    }
    const { etag } = this.base;
    const id = this.id === NEW ? newId(content.name) : this.id;
    this.memory.dropDraft(this.id);
    // Kept until it is saved, under the id it has from now on.
    this.memory.keepDraft(id, { ...this.fields.typed, etag });
    this.shut();
    this.actions.save(contentOf({ ...content, id }), etag);
  }

  private close(): void {
    const kept = this.memory.draft(this.id) !== null;
    this.shut();
    if (kept) this.actions.left(this.id);
  }

  private shut(): void {
    this.opening++;
    this.element.close();
    this.actions.closed(this.id);
  }
}

function facts(item: Item): HTMLElement[] {
  return [
    ["Id", item.id],
    ["Version", item.version],
    ["Added", moment(item.created_at)],
    ["Changed", moment(item.updated_at)],
  ].map(([term, value]) => h("div", {}, h("dt", {}, term ?? ""), h("dd", {}, value ?? "")));
}
