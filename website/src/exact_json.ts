/**
 * JSON whose numbers stay as they were written.
 *
 * A number of the API's has up to 38 significant digits; JSON.parse would round it to a float's 17.
 * So here numbers are strings of their own digits, in and out.
 */

/** A JSON number as the string of its digits, such as "12345", "12.50" or "1E+5". */
export type ExactNumber = string;

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Like JSON.parse, but each number becomes the string of its digits. */
export function parseExact(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_NUMBER, (t) => (t.startsWith('"') ? t : `"${t}"`)));
}

/** An object of strings as JSON; each member for which `isNumber` holds becomes a number. */
export function writeExact(
  members: Record<string, string | undefined>,
  isNumber: (name: string) => boolean,
): string {
  const written = Object.entries(members)
    .filter((member): member is [string, string] => member[1] !== undefined)
    .map(([name, value]) => {
      const text = isNumber(name) ? value : JSON.stringify(value);
      return `${JSON.stringify(name)}:${text}`;
    });
  return `{${written.join(",")}}`;
}
