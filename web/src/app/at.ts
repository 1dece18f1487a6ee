import { parseDuration } from '../resources/measure.ts';

/** What is meant by a text about when: a revision, or a moment. */
export type At = { readonly revision: string } | { readonly timeMs: number };

/**
 * Reads `1234` (a revision), `5m` or `5m ago`, `12:03` and `12:03:11` (the last such moment), `2026-01-31 12:03`, and ISO 8601.
 * Undefined when it is none of them.
 */
export function parseAt(text: string, nowMs: number): At | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return { revision: trimmed };
  const seconds = parseDuration(trimmed.replace(/\s*(ago|前)$/, ''));
  if (seconds !== undefined) return { timeMs: nowMs - seconds * 1000 };
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(trimmed);
  if (clock) {
    const moment = new Date(nowMs);
    moment.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), 0);
    if (moment.getTime() > nowMs) moment.setDate(moment.getDate() - 1);
    return { timeMs: moment.getTime() };
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(trimmed)) return undefined;
  const ms = Date.parse(/^\d{4}-\d{2}-\d{2} /.test(trimmed) ? trimmed.replace(' ', 'T') : trimmed);
  return Number.isNaN(ms) ? undefined : { timeMs: ms };
}
