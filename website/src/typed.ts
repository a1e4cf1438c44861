/** The fields of an item as a person types them, and what they say. */

import { type Content, MAX_DESCRIPTION, MAX_NAME } from "./item";
import { editablePrice, parsePrice } from "./price";

export const FIELDS = ["name", "price", "description"] as const;
export type Field = (typeof FIELDS)[number];
export type Typed = Record<Field, string>;

export const BLANK: Typed = { name: "", price: "", description: "" };

/** An item as somebody would type it. */
export function typedOf({ name, price, description }: Omit<Content, "id">): Typed {
  const typedPrice = price === undefined ? "" : editablePrice(price);
  return { name, price: typedPrice, description: description ?? "" };
}

export function sameTyped(one: Typed, other: Typed): boolean {
  return FIELDS.every((field) => one[field] === other[field]);
}

/** Returns the content, or null and a message for each field that is wrong. */
export function contentOfTyped(typed: Typed): {
  content: Omit<Content, "id"> | null;
  messages: Typed;
} {
  const name = typed.name.trim();
  const messages: Typed = {
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
  const wrong = FIELDS.some((field) => messages[field]);
  return { content: wrong ? null : { name, price, description: typed.description }, messages };
}

/** Counts code points, as the API does. */
function tooLong(text: string, most: number): string {
  const over = [...text].length - most;
  return over > 0 ? `This is ${over} ${over === 1 ? "character" : "characters"} too long.` : "";
}
