/**
 * JSON whose numbers stay exactly as written.
 *
 * A number of the API has up to 38 significant digits. JSON.parse would round it to a float's 17.
 * Therefore a number is the string of its digits here.
 */

/** A JSON number as the string of its digits, such as "12345", "12.50" or "1E+5". */
export type ExactNumber = string;

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Parses JSON as JSON.parse does, but returns each number as the string of its digits. */
export function parseExact(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_NUMBER, (t) => (t.startsWith('"') ? t : `"${t}"`)));
}

/** Returns an object of strings as JSON. A member for which `isNumber` holds becomes a number. */
export function writeExact(
  members: Record<string, string>,
  isNumber: (name: string) => boolean,
): string {
  const written = Object.entries(members).map(([name, value]) => {
    const text = isNumber(name) ? value : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${written.join(",")}}`;
}
