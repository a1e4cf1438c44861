import { expect, it } from "vitest";
import { type Address, formatAddress, parseAddress } from "../src/address";
import { NEW } from "../src/memory";

const LIST: Address = { open: null, query: "", order: "desc" };

it.each<[string, Partial<Address>]>([
  ["", {}],
  ["#/new", { open: NEW }],
  ["#/items/lamp", { open: "lamp" }],
  [
    "#/items/__proto__?q=oak+lamp&order=asc",
    { open: "__proto__", query: "oak lamp", order: "asc" },
  ],
  ["#/?q=100%25+%23%26%3F", { query: "100% #&?" }],
])("%j is an address, both ways", (fragment, changes) => {
  const address = { ...LIST, ...changes };
  expect(parseAddress(fragment)).toEqual(address);
  expect(formatAddress(address)).toBe(fragment);
});

it.each(["#", "#main", "#/items/", "#/items/a/b", "#/items/%E0%A4%A", "#/elsewhere"])(
  "%j is the list",
  (fragment) => expect(parseAddress(fragment)).toEqual(LIST),
);
