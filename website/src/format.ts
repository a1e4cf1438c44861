/** Dates as people read them. */

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "5 minutes ago", or the date when that is longer than a week ago. */
export function ago(date: string, now: number = Date.now(), locale?: string): string {
  const passed = Math.max(0, now - Date.parse(date));
  if (passed > 7 * 86_400_000) {
    return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(Date.parse(date));
  }
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const [unit, length] = STEPS.find(([, length]) => passed >= length) ?? ["second", Infinity];
  return format.format(-Math.floor(passed / length), unit);
}

/** The whole of it, to the second. */
export function moment(date: string, locale?: string): string {
  const options = { dateStyle: "long", timeStyle: "medium" } as const;
  return new Intl.DateTimeFormat(locale, options).format(Date.parse(date));
}
