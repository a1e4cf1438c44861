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
  private readonly inputs = new Map<FieldName, Input>();
  readonly element = h("fieldset", {}, ...FIELDS.map((field) => this.field(field)));

  get typed(): Typed {
    const typed = { ...BLANK };
    for (const [name, { input }] of this.inputs) typed[name] = input.value;
    return typed;
  }

  /** Shows this, as yet without complaints. */
  fill(typed: Typed): void {
    for (const [name, { input }] of this.inputs) {
      input.value = typed[name];
      this.mark(name, "");
    }
  }

  /** Whether they may be filled in, or what is to be in them is still on its way. */
  enable(enabled: boolean): void {
    this.element.disabled = !enabled;
    for (const area of this.element.querySelectorAll("textarea"))
      area.placeholder = enabled ? "" : "Loading…";
  }

  /** Shows what the API has said of them. */
  complain(errors: FieldError[]): void {
    for (const { field, message } of errors) this.mark(field, `This field ${message}.`);
  }

  /** At the first that is not right, else at the first. */
  focus(): void {
    const invalid = this.element.querySelector<HTMLElement>("[aria-invalid]");
    (invalid ?? this.element.querySelector<HTMLElement>("input, textarea"))?.focus();
  }

  /** What is to be saved, or null with the reasons shown. */
  valid(): Typed | null {
    const { values, messages } = valuesOfTyped(this.typed);
    for (const { name } of FIELDS) this.mark(name, messages[name]);
    return values;
  }

  private mark(name: string, message: string): void {
    const { input, error } = this.inputs.get(name as FieldName) ?? {};
    if (!input || !error) return;
    error.textContent = message;
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  }

  private field(field: Field): HTMLElement {
    const { name, label, lines = 0, required } = field;
    const number = field.type !== "string";
    const id = { id: name, required };
    const input = lines
      ? h("textarea", { ...id, dir: "auto", rows: lines })
      : h("input", { ...id, dir: number ? "" : "auto", autocomplete: "off" });
    if (number) input.inputMode = field.type === "integer" ? "numeric" : "decimal";
    const hint = [required ? "" : "Optional", number ? exampleNumber(field) : ""]
      .filter(Boolean)
      .join(": ");
    const hintElement = hint ? h("p", { id: `${name}-hint`, className: "hint" }, hint) : null;
    const error = h("p", { id: `${name}-error`, className: "error" });
    const described = [hintElement?.id, error.id].filter(Boolean).join(" ");
    input.setAttribute("aria-describedby", described);
    input.addEventListener("input", () => {
      const { messages } = valuesOfTyped(this.typed);
      if (input.hasAttribute("aria-invalid")) this.mark(name, messages[name]);
    });
    this.inputs.set(name, { input, error });
    return h(
      "div",
      { className: "field" },
      h("label", { htmlFor: name }, label),
      hintElement,
      input,
      error,
    );
  }
}
