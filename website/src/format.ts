/** Dates as people read them. */

/** Makes a format once for each locale: making one takes longer than all else about a row. */
function once<F>(make: (locale?: string) => F): (locale?: string) => F {
  const made = new Map<string | undefined, F>();
  return (locale) => {
    const format = made.get(locale) ?? make(locale);
    made.set(locale, format);
    return format;
  };
}

const relative = once((locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
const day = once((locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium" }));
const second = once(
  (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium" }),
);

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "5 minutes ago", or the date when that is longer than a week ago. */
export function ago(date: string, now: number = Date.now(), locale?: string): string {
  const passed = Math.max(0, now - Date.parse(date));
  if (passed > 7 * 86_400_000) {
    return day(locale).format(Date.parse(date));
  }
  const [unit, length] = STEPS.find(([, length]) => passed >= length) ?? ["second", Infinity];
  return relative(locale).format(-Math.floor(passed / length), unit);
}

/** The whole of it, to the second. */
export function moment(date: string, locale?: string): string {
  return second(locale).format(Date.parse(date));
}
