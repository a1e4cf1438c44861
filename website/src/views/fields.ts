/** The fields of an item, as a person fills them in. */

import { h } from "../dom";
import { type Content, MAX_DESCRIPTION, MAX_NAME } from "../item";
import type { Draft } from "../memory";
import { editablePrice, formatPrice, parsePrice } from "../price";
import type { FieldError } from "../problem";

type Name = "name" | "price" | "description";
export type Typed = Pick<Draft, Name>;

const NAMES: readonly Name[] = ["name", "price", "description"];

export const BLANK: Typed = { name: "", price: "", description: "" };

/** An item as somebody would type it. */
export function typedOf({ name, price, description }: Omit<Content, "id">): Typed {
  const typedPrice = price === undefined ? "" : editablePrice(price);
  return { name, price: typedPrice, description: description ?? "" };
}

export function sameTyped(one: Typed, other: Typed): boolean {
  return NAMES.every((name) => one[name] === other[name]);
}

export class Fields {
  private readonly inputs = {
    name: h("input", { id: "name", dir: "auto", required: true, autocomplete: "off" }),
    price: h("input", { id: "price", inputMode: "decimal", autocomplete: "off" }),
    description: h("textarea", { id: "description", dir: "auto", rows: 5 }),
  };
  private readonly errors: Record<Name, HTMLElement> = {
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
    for (const name of NAMES) {
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
      if (field in this.errors) this.mark(field as Name, `This field ${message}.`);
    }
  }

  /** At the first that is not right, else at the first. */
  focus(): void {
    const invalid = this.element.querySelector<HTMLElement>("[aria-invalid]");
    (invalid ?? this.inputs.name).focus();
  }

  /** What is to be saved, or null with the reasons shown. */
  valid(): Omit<Content, "id"> | null {
    const typed = this.typed;
    const name = typed.name.trim();
    const messages: Record<Name, string> = {
      name: name ? tooLong(name, MAX_NAME) : "Give it a name.",
      price: "",
      description: tooLong(typed.description, MAX_DESCRIPTION),
    };
    let price = "";
    try {
      price = parsePrice(typed.price);
    } catch (refusal) {
      messages.price = (refusal as Error).message;
    }
    for (const name of NAMES) this.mark(name, messages[name]);
    if (NAMES.some((name) => messages[name])) return null;
    return { name, price, description: typed.description };
  }

  private mark(name: Name, message: string): void {
    this.errors[name].textContent = message;
    if (message) this.inputs[name].setAttribute("aria-invalid", "true");
    else this.inputs[name].removeAttribute("aria-invalid");
  }

  private field(name: Name, label: string, hint = ""): HTMLElement {
    const input = this.inputs[name];
    const hintElement = hint ? h("p", { id: `${name}-hint`, className: "hint" }, hint) : null;
    const described = [hintElement?.id, this.errors[name].id].filter(Boolean).join(" ");
    input.setAttribute("aria-describedby", described);
    const labelElement = h("label", { htmlFor: name }, label);
    return h("div", { className: "field" }, labelElement, hintElement, input, this.errors[name]);
  }
}

function error(name: Name): HTMLElement {
  return h("p", { id: `${name}-error`, className: "error" });
}

/** Counted as the API counts: in code points. */
function tooLong(text: string, most: number): string {
  const over = [...text].length - most;
  return over > 0 ? `This is ${over} ${over === 1 ? "character" : "characters"} too long.` : "";
}
