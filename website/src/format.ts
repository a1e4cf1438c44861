/**
 * The language of dates and numbers: the `lang` of index.html. If you change it there, translate the
 * texts as well. They are in index.html, and in most modules here and in `views/`.
 */
export const LANGUAGE = globalThis.document?.documentElement.lang || "en";

// Created once: creating one takes longer than the rest of a row.
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const day = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium" });
const second = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "long", timeStyle: "medium" });

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** Returns "5 minutes ago", or the date if that is more than a week ago. */
export function ago(date: string, now: number = Date.now()): string {
  const passed = Math.max(0, now - Date.parse(date));
  if (passed > 7 * 86_400_000) return day.format(Date.parse(date));
  const [unit, length] = STEPS.find(([, length]) => passed >= length) ?? ["second", Infinity];
  return relative.format(-Math.floor(passed / length), unit);
}

/** Returns the date and the time, to the second. */
export function moment(date: string): string {
  return second.format(Date.parse(date));
}
