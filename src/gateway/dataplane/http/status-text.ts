import { STATUS_CODES } from 'node:http';

const lines = new Map<number, string>();

/** The first line of an answer. */
export function statusLine(status: number): string {
  const known = lines.get(status);
  if (known !== undefined) return known;
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`;
  lines.set(status, line);
  return line;
}

let date = '';
let dateUntil = 0;

/** The time as of a header `date`; made once a second. */
export function httpDate(now: number = Date.now()): string {
  if (now >= dateUntil || now < dateUntil - 1000) {
    date = new Date(now).toUTCString();
    dateUntil = now - (now % 1000) + 1000;
  }
  return date;
}
