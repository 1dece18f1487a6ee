import { parseDate } from '../feeds/dates.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** How long an answer says that it stays fresh, in seconds: `max-age`, else `Expires`; undefined if it says nothing or none. */
export function freshSeconds(headers: Headers, now: number): number | undefined {
  const control = textOf(headers['cache-control']).toLowerCase();
  if (/\bno-(?:store|cache)\b/.test(control)) return undefined;
  const maxAge = /(?:^|[,\s])max-age\s*=\s*"?(\d+)/.exec(control)?.[1];
  if (maxAge !== undefined) return positive(Number(maxAge) - (Number(textOf(headers.age)) || 0));
  const expires = dateOf(headers.expires);
  return expires === undefined ? undefined : positive((expires - (dateOf(headers.date) ?? now)) / 1000);
}

/** How long a server asks to be left alone, in seconds: `Retry-After` as a number or a date. */
export function retryAfterSeconds(headers: Headers, now: number): number | undefined {
  const text = textOf(headers['retry-after']).trim();
  if (/^\d+$/.test(text)) return Number(text);
  const date = dateOf(text);
  return date === undefined ? undefined : positive((date - now) / 1000);
}

function dateOf(value: string | string[] | undefined): number | undefined {
  const text = textOf(value).trim();
  if (!/[a-z]/i.test(text)) return undefined;
  const date = parseDate(text);
  return date === undefined ? undefined : Date.parse(date);
}

function positive(seconds: number): number | undefined {
  return Number.isFinite(seconds) && seconds > 0 ? Math.round(seconds) : undefined;
}

function textOf(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
