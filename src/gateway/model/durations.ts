const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** A duration of Gateway API (GEP-2257: `1h30m`, `500ms`) in milliseconds; undefined for what is none. */
export function durationMs(text: string): number | undefined {
  if (!/^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/.test(text)) return undefined;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|h|m|s)/g)) ms += Number(count) * UNITS[unit!]!;
  return ms;
}
