/** The item of the API, its comparison, and the id of a new item. */

import { FIELDS, sameValue } from "./fields";
import type { Item, ItemInput, ItemSummary } from "./schema";

export type { Item, ItemSummary };
/** The part of an item that a person may write. */
export type Content = ItemInput;

/** A stored item, with the entity tag of its state. */
export interface Stored {
  item: Item;
  etag: string;
}

/** Returns the part that a person may write, without empty fields. */
export function contentOf(content: Content): Content {
  const values = FIELDS.map(({ name }) => [name, content[name]]).filter(([, value]) => value);
  return { id: content.id, ...Object.fromEntries(values) };
}

export function sameContent(one: Content, other: Content): boolean {
  const same = FIELDS.every((field) => sameValue(field, one[field.name], other[field.name]));
  return one.id === other.id && same;
}

/** Returns an id for a new item, with words of its name: `oak-desk-lamp-k3x9q2`. */
export function newId(name: string, random: () => number = randomUnit): string {
  const words = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const suffix = Array.from({ length: 6 }, () => letters[Math.floor(random() * letters.length)]);
  return [words, suffix.join("")].filter(Boolean).join("-");
}

function randomUnit(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
