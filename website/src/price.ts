/**
 * Prices as people read and write them; never through a float.
 *
 * A price is the text of a JSON number, such as "12345", "12.50" or "1E+5".
 */

import { LANGUAGE } from "./format";

const MAX_DIGITS = 38; // significant ones, as the API has it
const MAX_PLAIN = 60; // written out, the longest that is still a help to anybody

interface Decimal {
  /** Without leading or trailing zeros; "" is zero. */
  digits: string;
  /** The value is 0.digits × 10^point. */
  point: number;
}

function decimal(text: string): Decimal {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, "").length;
  const digits = all.slice(leading).replace(/0+$/, "");
  return { digits, point: digits ? whole.length + Number(exponent) - leading : 0 };
}

/** Whether both are the same number, however it is written. */
export function samePrice(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [a, b] = [decimal(one), decimal(other)];
  return a.digits === b.digits && a.point === b.point;
}

/** Without an exponent, or undefined when that would be too long to read. */
function plain(text: string): string | undefined {
  const { digits, point } = decimal(text);
  if (Math.abs(point) > MAX_PLAIN) return undefined;
  const whole = digits.slice(0, Math.max(point, 0)).padEnd(point, "0") || "0";
  const fraction = point < 0 ? "0".repeat(-point) + digits : digits.slice(point);
  return fraction ? `${whole}.${fraction}` : whole;
}

/** How a locale writes numbers. */
interface Notation {
  decimal: string;
  group: string;
  /** From zero to nine. */
  digits: string[];
  whole: Intl.NumberFormat;
}

const notations = new Map<string, Notation>();

function notation(locale: string): Notation {
  const known = notations.get(locale);
  if (known) return known;
  const whole = new Intl.NumberFormat(locale);
  const parts = whole.formatToParts(123456.7);
  const mark = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const digit = new Intl.NumberFormat(locale, { useGrouping: false });
  const digits = Array.from({ length: 10 }, (_, n) => digit.format(n));
  const found = { decimal: mark("decimal") || ".", group: mark("group"), digits, whole };
  notations.set(locale, found);
  return found;
}

/**
 * For reading: grouped, with at least two decimals, in the locale's digits.
 *
 * Intl formats a bigint exactly; a decimal it would cut off, and in older browsers round.
 */
export function formatPrice(text: string, locale = LANGUAGE): string {
  const number = plain(text);
  if (number === undefined) return text;
  const [whole = "0", fraction = ""] = number.split(".");
  const { decimal, digits, whole: format } = notation(locale);
  const decimals = [...fraction.padEnd(2, "0")].map((digit) => digits[Number(digit)]).join("");
  return format.format(BigInt(whole)) + decimal + decimals;
}

/** For an input: the locale's decimal mark and no grouping. */
export function editablePrice(text: string, locale = LANGUAGE): string {
  return (plain(text) ?? text).replace(".", notation(locale).decimal);
}

const literal = (mark: string) => mark.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * What a person typed as a price, or "" for none. Throws an `Error` with a sentence for them.
 *
 * Grouping is only taken for grouping where it can be nothing else: "1,5" is refused where
 * the comma groups, not read as 15.
 */
export function parsePrice(typed: string, locale = LANGUAGE): string {
  const { decimal: point, group, digits } = notation(locale);
  const text = [...typed.normalize("NFKC").trim()]
    .map((c) => (digits.includes(c) ? String(digits.indexOf(c)) : c))
    .join("");
  if (text === "") return "";
  if (/^-/.test(text)) throw new Error("A price cannot be negative.");
  // People type an ordinary space or apostrophe where their locale's own is hard to type.
  const blank = /\s/.test(group.normalize("NFKC"));
  const mark = blank ? "\\s" : group === "’" ? "['’]" : literal(group) || "(?!)";
  const grouped = `\\d{1,3}(?:${mark}\\d{2,3})*${mark}\\d{3}`;
  const shape = new RegExp(`^(${grouped}|\\d+)(?:${literal(point)}(\\d+))?(e[+-]?\\d+)?$`, "i");
  const found = shape.exec(text);
  if (!found) {
    throw new Error(`Write the price as a number, such as ${formatPrice("1234.5", locale)}.`);
  }
  const [, whole = "", fraction, exponent = ""] = found;
  const price =
    whole.replace(/\D/g, "").replace(/^0+(?=\d)/, "") + (fraction ? `.${fraction}` : "") + exponent;
  const value = decimal(price);
  if (value.digits.length > MAX_DIGITS) {
    throw new Error(`A price has at most ${MAX_DIGITS} significant digits.`);
  }
  if (value.point > 126 || value.point < -129) throw new Error("This price is out of range.");
  return price;
}
