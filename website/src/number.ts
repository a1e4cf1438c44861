/** Read and write numbers as people do, never through a float. */

import type { ExactNumber } from "./exact_json";
import { LANGUAGE } from "./format";

/** The API stores this many significant digits exactly, and a `point` within these limits. */
const MAX_DIGITS = 38;
const [MIN_POINT, MAX_POINT] = [-129, 126];
const MAX_PLAIN = 60; // the longest number to write out

/** The limits of a number, as the API's document has them, and its format. */
export interface NumberRules {
  /** "integer", or another for any number. */
  type?: string;
  minimum?: ExactNumber;
  maximum?: ExactNumber;
  exclusiveMinimum?: ExactNumber;
  exclusiveMaximum?: ExactNumber;
  /** The minimum number of decimals to show. */
  decimals?: number;
}

interface Decimal {
  sign: number;
  /** The digits without leading and trailing zeros, "" for zero. */
  digits: string;
  /** The value is ±0.digits × 10^point. */
  point: number;
}

function decimal(text: ExactNumber): Decimal {
  const [, minus = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const all = whole + fraction;
  const leading = all.length - all.replace(/^0+/, "").length;
  const digits = all.slice(leading).replace(/0+$/, "");
  if (!digits) return { sign: 0, digits, point: 0 };
  return { sign: minus ? -1 : 1, digits, point: whole.length + Number(exponent) - leading };
}

/** Returns a negative number if one is less than the other, 0 if both are equal. */
export function compareNumbers(one: ExactNumber, other: ExactNumber): number {
  const [a, b] = [decimal(one), decimal(other)];
  if (a.sign !== b.sign) return a.sign - b.sign;
  const digits = a.digits < b.digits ? -1 : Number(a.digits > b.digits);
  const order = a.point - b.point || digits;
  return a.sign < 0 ? 0 - order : order;
}

/** Returns the number without an exponent, or undefined if that is too long to read. */
function plain(text: ExactNumber): string | undefined {
  const { sign, digits, point } = decimal(text);
  if (Math.abs(point) > MAX_PLAIN) return undefined;
  const whole = digits.slice(0, Math.max(point, 0)).padEnd(point, "0") || "0";
  const fraction = point < 0 ? "0".repeat(-point) + digits : digits.slice(point);
  return (sign < 0 ? "-" : "") + (fraction ? `${whole}.${fraction}` : whole);
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
 * Returns a number for reading: grouped, in the locale's digits.
 *
 * Intl formats a bigint exactly, but would round a decimal.
 */
export function formatNumber(
  text: ExactNumber,
  { decimals = 0 }: NumberRules = {},
  locale = LANGUAGE,
): string {
  const number = plain(text);
  if (number === undefined) return text;
  const [whole = "0", fraction = ""] = number.replace("-", "").split(".");
  const { decimal, digits, whole: format } = notation(locale);
  const after = [...fraction.padEnd(decimals, "0")].map((digit) => digits[Number(digit)]).join("");
  const sign = number.startsWith("-") ? "-" : "";
  return sign + format.format(BigInt(whole)) + (after && decimal + after);
}

/** Returns a number for an input: with the locale's decimal mark, without grouping. */
export function editableNumber(text: ExactNumber, locale = LANGUAGE): string {
  return (plain(text) ?? text).replace(".", notation(locale).decimal);
}

/** Returns an example, in words. */
export function exampleNumber(rules: NumberRules, locale = LANGUAGE): string {
  if (rules.type === "integer")
    return `a whole number, such as ${formatNumber("1234", {}, locale)}`;
  return `a number, such as ${formatNumber("1234.5", rules, locale)}`;
}

const literal = (mark: string) => mark.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Returns a typed number, or "" without one. Throws an `Error` with a sentence for the person.
 *
 * Accepts a grouping mark only where it can be no other mark: refuses "1,5" where the comma groups,
 * and does not read it as 15.
 */
export function parseNumber(
  typed: string,
  rules: NumberRules = {},
  locale = LANGUAGE,
): ExactNumber | "" {
  const { decimal: point, group, digits } = notation(locale);
  const text = [...typed.normalize("NFKC").trim().replace("\u2212", "-")]
    .map((c) => (digits.includes(c) ? String(digits.indexOf(c)) : c))
    .join("");
  if (text === "") return "";
  // People type an ordinary space or apostrophe where their locale's own is hard to type.
  const blank = /\s/.test(group.normalize("NFKC"));
  const mark = blank ? "\\s" : group === "’" ? "['’]" : literal(group) || "(?!)";
  const grouped = `\\d{1,3}(?:${mark}\\d{2,3})*${mark}\\d{3}`;
  const shape = new RegExp(`^(-?)(${grouped}|\\d+)(?:${literal(point)}(\\d+))?(e[+-]?\\d+)?$`, "i");
  const found = shape.exec(text);
  if (!found) throw new Error(`Write ${exampleNumber(rules, locale)}.`);
  const [, minus = "", integer = "", fraction, exponent = ""] = found;
  const number =
    minus +
    integer.replace(/\D/g, "").replace(/^0+(?=\d)/, "") +
    (fraction ? `.${fraction}` : "") +
    exponent;
  const value = decimal(number);
  if (value.digits.length > MAX_DIGITS) {
    throw new Error(`A number has at most ${MAX_DIGITS} significant digits.`);
  }
  checkRange(number, rules, locale);
  if (rules.type !== "integer") return number;
  if (value.digits.length > value.point) throw new Error(`Write ${exampleNumber(rules, locale)}.`);
  return plain(number) ?? number;
}

function checkRange(number: ExactNumber, rules: NumberRules, locale: string): void {
  const limits = [
    [rules.minimum, "at least", (sign: number) => sign < 0],
    [rules.maximum, "at most", (sign: number) => sign > 0],
    [rules.exclusiveMinimum, "more than", (sign: number) => sign <= 0],
    [rules.exclusiveMaximum, "less than", (sign: number) => sign >= 0],
  ] as const;
  for (const [limit, words, isWrong] of limits) {
    if (limit !== undefined && isWrong(compareNumbers(number, limit)))
      throw new Error(`This has to be ${words} ${formatNumber(limit, rules, locale)}.`);
  }
  const { point } = decimal(number);
  if (point > MAX_POINT || point < MIN_POINT) throw new Error("This number is out of range.");
}
