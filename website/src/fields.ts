/** The fields of an item that a person fills in: one list, from which the page follows. */

import { compareNumbers, editableNumber, formatNumber, parseNumber } from "./number";
import { ITEM_INPUT, type ItemInput, type ItemSummary } from "./schema";

export type FieldName = Exclude<keyof ItemInput, "id">;

/**
 * The fields, in the order in which they are shown. Form, rows, search, comparison of two versions,
 * drafts and requests follow. Type, limits and "required" come from the API's document (schema.ts),
 * which also has the compiler find a field that is missing here.
 */
const LIST: { readonly [N in FieldName]-?: Definition<N> } = {
  name: { label: "Name" },
  price: { label: "Price", row: "end", decimals: 2 },
  description: { label: "Description", lines: 5 },
};

type Definition<N extends FieldName> = { label: string } & InRow<N> & OfType<TypeOf<N>>;
type TypeOf<N extends FieldName> = (typeof ITEM_INPUT)[N]["type"];
/** Where a row has a field that a list has: at the end of its first line, or below, with the label. */
type InRow<N> = N extends Exclude<keyof ItemSummary, "name"> ? { row?: "end" | "below" } : unknown;
/** `lines` is the height of a text of several lines. Another type needs code in this module. */
type OfType<T> = T extends "string"
  ? { lines?: number }
  : T extends "integer" | "number"
    ? { decimals?: number }
    : never;

export interface Field {
  name: FieldName;
  label: string;
  row?: "end" | "below";
  lines?: number;
  decimals?: number;
  type: "string" | "integer" | "number";
  required: boolean;
  maxLength?: number;
}

const NAMES = Object.keys(LIST) as FieldName[];
export const FIELDS: readonly Field[] = NAMES.map((name) => ({
  name,
  ...ITEM_INPUT[name],
  ...LIST[name],
}));

/** The fields that a row shows beside the name. */
export const ROW_FIELDS = FIELDS.filter(
  (field): field is Field & { name: FieldName & keyof ItemSummary } => field.row !== undefined,
);

/** The fields of an item as a person types them. */
export type Typed = Record<FieldName, string>;

export const BLANK = each(() => "");

/** Returns a value for reading, "" without a value. */
export function show(field: Field, value: string | undefined): string {
  if (value === undefined || field.type === "string") return value ?? "";
  return formatNumber(value, field);
}

/** Returns whether both values are equal. No value equals an empty one. */
export function sameValue(field: Field, one = "", other = ""): boolean {
  if (field.type === "string" || !one || !other) return one === other;
  return compareNumbers(one, other) === 0;
}

/** Returns whether this field is a number in the API. */
export function isNumber(name: string): boolean {
  return FIELDS.some((field) => field.name === name && field.type !== "string");
}

/** Returns an item as a person would type it. */
export function typedOf(values: Partial<Typed>): Typed {
  return each(({ name, type }) => {
    const value = values[name] ?? "";
    return type === "string" || !value ? value : editableNumber(value);
  });
}

export function sameTyped(one: Typed, other: Typed): boolean {
  return NAMES.every((name) => one[name] === other[name]);
}

/** Returns the values, or null and a message for each field that is wrong. */
export function valuesOfTyped(typed: Typed): { values: Typed | null; messages: Typed } {
  const messages = each(() => "");
  const values = each((field) => {
    try {
      return read(field, typed[field.name]);
    } catch (refusal) {
      messages[field.name] = (refusal as Error).message;
      return "";
    }
  });
  return { values: NAMES.some((name) => messages[name]) ? null : values, messages };
}

/** Returns the value, "" without one. Throws an `Error` with a sentence for the person. */
function read(field: Field, typed: string): string {
  const text = field.lines ? typed : typed.trim();
  if (field.required && !text.trim()) throw new Error(`Give it a ${field.label.toLowerCase()}.`);
  if (field.type !== "string") return parseNumber(text, field);
  // Counts code points, as the API does.
  const over = [...text].length - (field.maxLength ?? Infinity);
  if (over > 0)
    throw new Error(`This is ${over} ${over === 1 ? "character" : "characters"} too long.`);
  return text;
}

function each(value: (field: Field) => string): Typed {
  return Object.fromEntries(FIELDS.map((field) => [field.name, value(field)])) as Typed;
}
