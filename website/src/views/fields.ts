/** The fields of an item, as a person fills them in. */

import { h } from "../dom";
import { BLANK, FIELDS, type Field, type FieldName, type Typed, valuesOfTyped } from "../fields";
import { exampleNumber } from "../number";
import type { FieldError } from "../problem";

interface Input {
  input: HTMLInputElement | HTMLTextAreaElement;
  error: HTMLElement;
}

export class Fields {
  private readonly inputs = new Map<string, Input>();
  readonly element = h("fieldset", ...FIELDS.map((field) => this.field(field)));

  get typed(): Typed {
    const typed = { ...BLANK };
    for (const [name, { input }] of this.inputs) typed[name as FieldName] = input.value;
    return typed;
  }

  /** Shows these texts, without messages. */
  fill(typed: Typed): void {
    for (const [name, { input }] of this.inputs) {
      input.value = typed[name as FieldName];
      this.mark(name, "");
    }
  }

  /** Disables the fields while the item is loading. */
  enable(enabled: boolean): void {
    this.element.disabled = !enabled;
    for (const area of this.element.querySelectorAll("textarea"))
      area.placeholder = enabled ? "" : "Loading…";
  }

  /** Shows the API's messages. */
  complain(errors: FieldError[]): void {
    for (const { field, message } of errors) this.mark(field, `This field ${message}.`);
  }

  /** Focuses the first invalid field, otherwise the first. */
  focus(): void {
    const invalid = this.element.querySelector<HTMLElement>("[aria-invalid=true]");
    (invalid ?? this.element.querySelector<HTMLElement>("input, textarea"))?.focus();
  }

  /** Returns the values to save, or null and shows the reasons. */
  valid(): Typed | null {
    const { values, messages } = valuesOfTyped(this.typed);
    for (const { name } of FIELDS) this.mark(name, messages[name]);
    return values;
  }

  private mark(name: string, message: string): void {
    const { input, error } = this.inputs.get(name) ?? {};
    if (!input || !error) return;
    error.textContent = message;
    if (message) input.ariaInvalid = "true";
    else input.removeAttribute("aria-invalid");
  }

  private field(field: Field): HTMLElement {
    const { name, label, lines = 0, required } = field;
    const number = field.type !== "string";
    const oninput = () => {
      if (input.ariaInvalid) this.mark(name, valuesOfTyped(this.typed).messages[name]);
    };
    const input = lines
      ? h("textarea", { id: name, required, oninput, dir: "auto", rows: lines })
      : h("input", { id: name, required, oninput, dir: number ? "" : "auto", autocomplete: "off" });
    if (number) input.inputMode = field.type === "integer" ? "numeric" : "decimal";
    const hints = [required ? "" : "Optional", number ? exampleNumber(field) : ""].filter(Boolean);
    const hint = hints.length > 0 ? h("p.hint", { id: `${name}-hint` }, hints.join(": ")) : null;
    const error = h("p.error", { id: `${name}-error` });
    input.setAttribute("aria-describedby", hint ? `${hint.id} ${error.id}` : error.id);
    this.inputs.set(name, { input, error });
    return h("div.field", h("label", { htmlFor: name }, label), hint, input, error);
  }
}
