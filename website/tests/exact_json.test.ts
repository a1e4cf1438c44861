import { describe, expect, it } from "vitest";
import { parseExact, writeExact } from "../src/exact_json";
import { isNumber } from "../src/fields";

describe("parseExact", () => {
  it.each([
    ['{"price":0.10}', { price: "0.10" }],
    [
      '{"price":12345678901234567890123456789012345678}',
      { price: "12345678901234567890123456789012345678" },
    ],
    ['{"price":1E-130}', { price: "1E-130" }],
    ['{"price": -1.5e+3 }', { price: "-1.5e+3" }],
    ["[1,2,null,true]", ["1", "2", null, true]],
  ])("keeps the digits of %s", (text, value) => {
    expect(parseExact(text)).toEqual(value);
  });

  it.each([
    '"12 oak"',
    '"a \\"12\\" b"',
    '"back\\\\"',
    '"{\\"price\\": 5}"',
    '"\\u0031"',
    '"line\\n3"',
  ])("leaves the string %s alone", (text) => {
    expect(parseExact(text)).toBe(JSON.parse(text));
    expect(parseExact(`{"name":${text},"price":7}`)).toEqual({
      name: JSON.parse(text),
      price: "7",
    });
  });

  it("throws where JSON.parse does", () => {
    expect(() => parseExact('{"price":}')).toThrow(SyntaxError);
    expect(() => parseExact("<html>")).toThrow(SyntaxError);
  });
});

describe("writeExact", () => {
  it("writes the price as a number of all its digits", () => {
    const price = "99999999999999999999999999999999999999";
    expect(writeExact({ id: "a", price, name: "b" }, isNumber)).toBe(
      `{"id":"a","price":${price},"name":"b"}`,
    );
  });

  it("escapes a text", () => {
    expect(writeExact({ id: "a", name: 'say "hi"' }, isNumber)).toBe(
      '{"id":"a","name":"say \\"hi\\""}',
    );
  });
});
