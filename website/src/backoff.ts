/** The wait before a retry, in milliseconds. */

const BASE = 500;
const CAP = 8_000;
/** The longest wait that people accept. After that the page shows the error. */
export const LONGEST = 60_000;

/** Returns the milliseconds of a Retry-After header: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfter(header: string | null, now: number = Date.now()): number {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/**
 * Returns full jitter on top of `asked`, the server's Retry-After, so that many pages do not retry
 * at once.
 *
 * Source: AWS Architecture Blog, "Exponential Backoff And Jitter". `attempt` counts from 0.
 */
export function pause(attempt: number, asked: number, random: () => number): number {
  return asked + random() * Math.min(CAP, BASE * 2 ** attempt);
}
