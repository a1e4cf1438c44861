/** The dialog in which an item is made or changed. */

import { button, h, reference } from "../dom";
import { moment } from "../format";
import {
  type Content,
  contentOf,
  type Item,
  MAX_DESCRIPTION,
  MAX_NAME,
  newId,
  type Stored,
  type Summary,
} from "../item";
import { type Draft, type Memory, NEW } from "../memory";
import { editablePrice, formatPrice, parsePrice } from "../price";
import { advice, asProblem, type FieldError } from "../problem";
import { dialog } from "./dialog";

type Field = "name" | "price" | "description";

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
  private readonly name = h("input", { id: "name", required: true, autocomplete: "off" });
  private readonly price = h("input", { id: "price", inputMode: "decimal", autocomplete: "off" });
  private readonly description = h("textarea", { id: "description", rows: 5 });
  private readonly errors: Record<Field, HTMLElement> = {
    name: h("p", { id: "name-error", className: "error" }),
    price: h("p", { id: "price-error", className: "error" }),
    description: h("p", { id: "description-error", className: "error" }),
  };
  private readonly note = h("div", { className: "note", attributes: { role: "status" } });
  private readonly facts = h("dl", { className: "facts" });
  private readonly submit = h("button", { type: "submit", className: "primary" }, "Save");
  private readonly remove = button("Delete", "plain danger", () => {
    const id = this.id;
    this.shut();
    this.memory.dropDraft(id);
    this.actions.remove(id);
  });
  private readonly fields = h("fieldset", {});
  /** The id, or NEW. */
  private id = NEW;
  /** What is being changed: what the fields would hold if nobody had typed. */
  private base: Draft = blankDraft();
  /** Counts openings, so that a late answer to an earlier one is not taken for this one's. */
  private opening = 0;

  constructor(
    private readonly memory: Memory,
    private readonly actions: EditorActions,
  ) {
    const example = formatPrice("1234.5");
    this.fields.append(
      field("Name", this.name, this.errors.name),
      field("Price", this.price, this.errors.price, `Optional. A number such as ${example}`),
      field("Description", this.description, this.errors.description, "Optional"),
    );
    const form = h(
      "form",
      { noValidate: true, on: { submit: (event) => this.save(event), input: () => this.typed() } },
      this.note,
      this.fields,
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
    this.show(id, "New item", blankDraft());
    this.remove.hidden = true;
    this.ready(null, errors);
  }

  /** For an item that the list has. What was typed before is there again. */
  async edit(summary: Summary, errors: FieldError[] = []): Promise<void> {
    const { id } = summary;
    this.show(id, "Edit item", draftOf(summary, null));
    this.fields.disabled = this.submit.disabled = true;
    this.description.placeholder = "Loading…";
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
      this.base = draftOf(stored.item, stored.etag);
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
    this.fill(base);
    if (!this.element.open) this.element.showModal();
    this.actions.opened();
  }

  /** Lets the person type; `item` is what is stored, if anything is. */
  private ready(item: Item | null, errors: FieldError[]): void {
    const draft = this.memory.draft(this.id);
    this.fields.disabled = this.submit.disabled = false;
    this.description.placeholder = "";
    this.fill(draft ?? this.base);
    if (draft) {
      const restart = button("Start over", "plain strong", () => {
        this.memory.dropDraft(this.id);
        this.note.replaceChildren();
        this.fill(this.base);
        this.name.focus();
      });
      this.say(h("p", {}, "Here is what you had typed and not saved."), restart);
      // It was written for that state; if there is another by now, saving shows the conflict.
      this.base = { ...this.base, etag: draft.etag };
    }
    if (item) this.facts.append(...facts(item));
    for (const { field, message } of errors) {
      if (field in this.errors) this.mark(field as Field, `This field ${message}.`);
    }
    (this.element.querySelector<HTMLElement>("[aria-invalid]") ?? this.name).focus();
  }

  private fill(draft: Draft): void {
    this.name.value = draft.name;
    this.price.value = draft.price;
    this.description.value = draft.description;
    for (const field of Object.keys(this.errors)) this.mark(field as Field, "");
  }

  private say(...what: (Node | null)[]): void {
    this.note.classList.remove("failed");
    this.note.replaceChildren(...what.filter((node) => node !== null));
  }

  private current(): Draft {
    return {
      name: this.name.value,
      price: this.price.value,
      description: this.description.value,
      etag: this.base.etag,
    };
  }

  private typed(): void {
    const draft = this.current();
    const same = (["name", "price", "description"] as const).every(
      (field) => draft[field] === this.base[field],
    );
    if (same) this.memory.dropDraft(this.id);
    else this.memory.keepDraft(this.id, draft);
  }

  private save(event: SubmitEvent): void {
    event.preventDefault();
    if (this.base.etag !== null && this.memory.draft(this.id) === null) {
      this.shut(); // nothing was changed
      return;
    }
    const content = this.valid();
    if (!content) {
      this.element.querySelector<HTMLElement>("[aria-invalid]")?.focus();
      return;
    }
    const draft = this.current();
    this.memory.dropDraft(this.id);
    // Kept until it is saved, under the id it has from now on.
    this.memory.keepDraft(content.id, draft);
    this.shut();
    this.actions.save(content, draft.etag);
  }

  /** What is to be saved, or null with the reasons shown at the fields. */
  private valid(): Content | null {
    const name = this.name.value.trim();
    const description = this.description.value;
    const messages: Record<Field, string> = {
      name: name ? tooLong(name, MAX_NAME) : "Give it a name.",
      price: "",
      description: tooLong(description, MAX_DESCRIPTION),
    };
    let price = "";
    try {
      price = parsePrice(this.price.value);
    } catch (error) {
      messages.price = (error as Error).message;
    }
    for (const [field, message] of Object.entries(messages)) this.mark(field as Field, message);
    if (Object.values(messages).some(Boolean)) return null;
    return contentOf({ id: this.id === NEW ? newId(name) : this.id, name, price, description });
  }

  private mark(field: Field, message: string): void {
    this.errors[field].textContent = message;
    if (message) this[field].setAttribute("aria-invalid", "true");
    else this[field].removeAttribute("aria-invalid");
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

function blankDraft(): Draft {
  return { name: "", price: "", description: "", etag: null };
}

export function draftOf(content: Omit<Content, "id">, etag: string | null): Draft {
  return {
    name: content.name,
    price: content.price === undefined ? "" : editablePrice(content.price),
    description: content.description ?? "",
    etag,
  };
}

/** Counted as the API counts: in code points. */
function tooLong(text: string, most: number): string {
  const over = [...text].length - most;
  return over > 0 ? `This is ${over} ${over === 1 ? "character" : "characters"} too long.` : "";
}

function field(
  label: string,
  input: HTMLInputElement | HTMLTextAreaElement,
  error: HTMLElement,
  hint = "",
): HTMLElement {
  const hintElement = hint ? h("p", { id: `${input.id}-hint`, className: "hint" }, hint) : null;
  const described = [hintElement?.id, error.id].filter(Boolean).join(" ");
  input.setAttribute("aria-describedby", described);
  return h(
    "div",
    { className: "field" },
    h("label", { htmlFor: input.id }, label),
    hintElement,
    input,
    error,
  );
}

function facts(item: Item): HTMLElement[] {
  return [
    ["Id", item.id],
    ["Version", item.version],
    ["Added", moment(item.created_at)],
    ["Changed", moment(item.updated_at)],
  ].map(([term, value]) => h("div", {}, h("dt", {}, term ?? ""), h("dd", {}, value ?? "")));
}
