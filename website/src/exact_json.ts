/**
 * JSON whose numbers stay as they were written.
 *
 * A price has up to 38 significant digits; JSON.parse would round it to a float's 17. So here
 * numbers are strings of their own digits, in and out.
 */

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Like JSON.parse, but each number becomes the string of its digits. */
export function parseExact(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_NUMBER, (t) => (t.startsWith('"') ? t : `"${t}"`)));
}

/** An object of strings as JSON, with the member `price`, if there is one, as a number. */
export function writeExact({ price, ...rest }: Record<string, string | undefined>): string {
  const members = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  if (price !== undefined) members.push(`"price":${price}`);
  return `{${members.join(",")}}`;
}
