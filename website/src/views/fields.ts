/** The fields of an item, as a person fills them in. */

import { h } from "../dom";
import type { Content } from "../item";
import { formatPrice } from "../price";
import type { FieldError } from "../problem";
import { contentOfTyped, FIELDS, type Field, type Typed } from "../typed";

export class Fields {
  private readonly inputs = {
    name: h("input", { id: "name", dir: "auto", required: true, autocomplete: "off" }),
    price: h("input", { id: "price", inputMode: "decimal", autocomplete: "off" }),
    description: h("textarea", { id: "description", dir: "auto", rows: 5 }),
  };
  private readonly errors: Record<Field, HTMLElement> = {
    name: error("name"),
    price: error("price"),
    description: error("description"),
  };
  readonly element = h(
    "fieldset",
    {},
    this.field("name", "Name"),
    this.field("price", "Price", `Optional. A number such as ${formatPrice("1234.5")}`),
    this.field("description", "Description", "Optional"),
  );

  get typed(): Typed {
    const { name, price, description } = this.inputs;
    return { name: name.value, price: price.value, description: description.value };
  }

  /** Shows this, as yet without complaints. */
  fill(typed: Typed): void {
    for (const name of FIELDS) {
      this.inputs[name].value = typed[name];
      this.mark(name, "");
    }
  }

  /** Whether they may be filled in, or what is to be in them is still on its way. */
  enable(enabled: boolean): void {
    this.element.disabled = !enabled;
    this.inputs.description.placeholder = enabled ? "" : "Loading…";
  }

  /** Shows what the API has said of them. */
  complain(errors: FieldError[]): void {
    for (const { field, message } of errors) {
      if (field in this.errors) this.mark(field as Field, `This field ${message}.`);
    }
  }

  /** At the first that is not right, else at the first. */
  focus(): void {
    const invalid = this.element.querySelector<HTMLElement>("[aria-invalid]");
    (invalid ?? this.inputs.name).focus();
  }

  /** What is to be saved, or null with the reasons shown. */
  valid(): Omit<Content, "id"> | null {
    const { content, messages } = contentOfTyped(this.typed);
    for (const name of FIELDS) this.mark(name, messages[name]);
    return content;
  }

  private mark(name: Field, message: string): void {
    this.errors[name].textContent = message;
    if (message) this.inputs[name].setAttribute("aria-invalid", "true");
    else this.inputs[name].removeAttribute("aria-invalid");
  }

  private field(name: Field, label: string, hint = ""): HTMLElement {
    const input = this.inputs[name];
    const hintElement = hint ? h("p", { id: `${name}-hint`, className: "hint" }, hint) : null;
    const described = [hintElement?.id, this.errors[name].id].filter(Boolean).join(" ");
    input.setAttribute("aria-describedby", described);
    input.addEventListener("input", () => {
      const { messages } = contentOfTyped(this.typed);
      if (input.hasAttribute("aria-invalid")) this.mark(name, messages[name]);
    });
    const labelElement = h("label", { htmlFor: name }, label);
    return h("div", { className: "field" }, labelElement, hintElement, input, this.errors[name]);
  }
}

function error(name: Field): HTMLElement {
  return h("p", { id: `${name}-error`, className: "error" });
}
