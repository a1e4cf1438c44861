import { describe, expect, it } from "vitest";
import { editablePrice, formatPrice, parsePrice, samePrice } from "../src/price";

const LONG = "12345678901234567890123456789012345.678";

describe("formatPrice", () => {
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
    expect(formatPrice(text, locale)).toBe(shown);
  });
});

describe("parsePrice", () => {
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
  ])("reads %j in %s as %j", (typed, locale, price) => {
    expect(parsePrice(typed, locale)).toBe(price);
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
    ["-5", "en", /negative/],
    ["1".repeat(39), "en", /38 significant digits/],
    ["1e127", "en", /out of range/],
  ])("refuses %j in %s", (typed, locale, message) => {
    expect(() => parsePrice(typed, locale)).toThrow(message);
  });

  it("counts significant digits only", () => {
    const typed = `${"9".repeat(38)}000`;
    expect(parsePrice(typed, "en")).toBe(typed);
  });

  it.each(["en", "de", "fr", "de-CH", "en-IN", "hi"])(
    "reads back what it shows in %s",
    (locale) => {
      for (const price of ["0", "0.5", "12345.67", "1234567890123456789.01"]) {
        expect(samePrice(parsePrice(formatPrice(price, locale), locale), price)).toBe(true);
        expect(samePrice(parsePrice(editablePrice(price, locale), locale), price)).toBe(true);
      }
    },
  );
});

describe("samePrice", () => {
  it.each([
    ["1", "1.0", true],
    ["10", "1E+1", true],
    ["0", "0.00", true],
    ["0.1", "0.10", true],
    ["1", "10", false],
    ["1", undefined, false],
    [undefined, undefined, true],
    [`${LONG}1`, `${LONG}2`, false],
  ])("%s and %s: %s", (one, other, same) => {
    expect(samePrice(one, other)).toBe(same);
  });
});
