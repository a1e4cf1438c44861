/** How long to wait before trying again, in milliseconds. */

const BASE = 500;
const CAP = 8_000;
/** Longer than this nobody waits in front of a page; then the error is shown instead. */
export const LONGEST = 60_000;

/** What a Retry-After header asks for: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(header: string | null, now: number = Date.now()): number {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/**
 * Full jitter on top of what the server asked for, so that many pages do not come back at once.
 *
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter". `attempt` counts from 0.
 */
export function pause(attempt: number, asked: number, random: () => number = Math.random): number {
  return asked + random() * Math.min(CAP, BASE * 2 ** attempt);
}
