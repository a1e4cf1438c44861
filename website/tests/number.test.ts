import { describe, expect, it } from "vitest";
import { compareNumbers, editableNumber, formatNumber, parseNumber } from "../src/number";

/** As the field is: two decimals, 0 or more. */
const PRICE = { minimum: "0", exclusiveMaximum: "1e+126", decimals: 2 };
const LONG = "12345678901234567890123456789012345.678";

describe("formatNumber", () => {
  it.each([
    ["12345", "en", "12,345.00"],
    ["12345.5", "de", "12.345,50"],
    ["0", "en", "0.00"],
    ["0.125", "en", "0.125"],
    ["1234567.5", "en-IN", "12,34,567.50"],
    ["1.5E+3", "en", "1,500.00"],
    ["5e-3", "en", "0.005"],
    [LONG, "en", "12,345,678,901,234,567,890,123,456,789,012,345.678"],
    ["9007199254740993", "en", "9,007,199,254,740,993.00"],
    ["1E+125", "en", "1E+125"],
    ["1E-100", "en", "1E-100"],
  ])("%s in %s is %s", (text, locale, shown) => {
    expect(formatNumber(text, PRICE, locale)).toBe(shown);
  });
});

describe("parseNumber", () => {
  it.each([
    ["", "en", ""],
    ["  ", "en", ""],
    ["12", "en", "12"],
    ["007", "en", "7"],
    ["1,234.50", "en", "1234.50"],
    ["1234.50", "en", "1234.50"],
    ["1.234,5", "de", "1234.5"],
    ["12,5", "de", "12.5"],
    ["12,34,567.5", "en-IN", "1234567.5"],
    ["1 234,5", "fr", "1234.5"],
    ["1\u202f234,5", "fr", "1234.5"],
    ["1\u00a0234\u00a0567", "fr", "1234567"],
    ["1'234.5", "de-CH", "1234.5"],
    ["٣٫٥", "ar-EG", "3.5"],
    ["１２", "ja", "12"],
    ["1e5", "en", "1e5"],
    [LONG, "en", LONG],
  ])("reads %j in %s as %j", (typed, locale, number) => {
    expect(parseNumber(typed, PRICE, locale)).toBe(number);
  });

  it.each([
    ["1,5", "en", /such as 1,234\.50/],
    ["12.50", "de", /such as 1\.234,50/],
    ["1,2,3", "en", /such as/],
    ["12..5", "en", /such as/],
    ["cheap", "en", /such as/],
    ["NaN", "en", /such as/],
    ["0x10", "en", /such as/],
    ["5.", "en", /such as/],
    [".5", "en", /such as/],
    ["-5", "en", /at least 0\.00/],
    ["1".repeat(39), "en", /38 significant digits/],
    ["1e126", "en", /less than 1e\+126/],
    ["1e-131", "en", /out of range/],
  ])("refuses %j in %s", (typed, locale, message) => {
    expect(() => parseNumber(typed, PRICE, locale)).toThrow(message);
  });

  it("counts significant digits only", () => {
    const typed = `${"9".repeat(38)}000`;
    expect(parseNumber(typed, PRICE, "en")).toBe(typed);
  });

  it.each(["en", "de", "fr", "de-CH", "en-IN", "hi"])(
    "reads back what it shows in %s",
    (locale) => {
      for (const number of ["0", "0.5", "-3.25", "12345.67", "1234567890123456789.01"]) {
        for (const shown of [formatNumber(number, PRICE, locale), editableNumber(number, locale)])
          expect(compareNumbers(parseNumber(shown, {}, locale), number)).toBe(0);
      }
    },
  );
});

describe("compareNumbers", () => {
  it.each([
    ["1", "1.0", 0],
    ["10", "1E+1", 0],
    ["0", "0.00", 0],
    ["-0", "0", 0],
    ["0.1", "0.10", 0],
    ["1", "10", -1],
    ["9", "10", -1],
    ["2", "13", -1],
    ["0.12", "0.1", 1],
    ["-1", "1", -1],
    ["-1", "-2", 1],
    ["0", "-1", 1],
    [`${LONG}1`, `${LONG}2`, -1],
  ])("of %s and %s is %d", (one, other, sign) => {
    expect(Math.sign(compareNumbers(one, other)) + 0).toBe(sign);
  });
});

describe("limits", () => {
  const rules = { exclusiveMinimum: "-2", maximum: "12345678901234567890" };
  it.each([
    ["-2", "This has to be more than -2."],
    ["12345678901234567891", "This has to be at most 12,345,678,901,234,567,890."],
  ])("refuse %s", (typed, message) => {
    expect(() => parseNumber(typed, rules, "en")).toThrow(message);
  });

  it.each(["-1.999", "\u22121", "12345678901234567890"])("take %s", (typed) => {
    expect(parseNumber(typed, rules, "en")).toBe(typed.replace("\u2212", "-"));
  });
});

describe("integers", () => {
  const rules = { type: "integer" };
  it.each([
    ["1,234", "1234"],
    ["1.0", "1"],
    ["1.5e1", "15"],
    ["0", "0"],
  ])("reads %s as %s", (typed, number) => {
    expect(parseNumber(typed, rules, "en")).toBe(number);
  });

  it.each(["1.5", "1e-3", "a"])("refuses %s", (typed) => {
    expect(() => parseNumber(typed, rules, "en")).toThrow("Write a whole number, such as 1,234.");
  });
});
