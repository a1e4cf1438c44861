import { samePrice } from "./price";

/** What a list shows of an item. `price` is the text of a number, see price.ts. */
export interface Summary {
  id: string;
  name: string;
  price?: string;
  created_at: string;
  updated_at: string;
  version: string;
  /** Names this very state of it. */
  etag: string;
}

/** A whole item, whose tag is in a header of its own. */
export interface Item extends Omit<Summary, "etag"> {
  description?: string;
}

/** An item as stored, with the tag that names this very state of it. */
export interface Stored {
  item: Item;
  etag: string;
}

/** What a person may write of an item. */
export interface Content {
  id: string;
  name: string;
  price?: string;
  description?: string;
}

export const MAX_NAME = 200;
export const MAX_DESCRIPTION = 4000;

/** Only what a person may write, with nothing where there is nothing. */
export function contentOf({ id, name, price, description }: Content): Content {
  return {
    id,
    name,
    ...(price === undefined || price === "" ? {} : { price }),
    ...(description === undefined || description === "" ? {} : { description }),
  };
}

export function sameContent(one: Content, other: Content): boolean {
  const [a, b] = [contentOf(one), contentOf(other)];
  return (
    a.id === b.id &&
    a.name === b.name &&
    a.description === b.description &&
    samePrice(a.price, b.price)
  );
}

/** An id for a new item that says a little of what it is: `oak-desk-lamp-k3x9q2`. */
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
