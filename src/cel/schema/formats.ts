import { parseTimestamp, readDuration } from '../time.ts';
import { CelError, type CelValue, Duration } from '../value.ts';

const SECOND = 1_000_000_000n;
/** The units that a format's duration may spell out: the last of each may be written on, as `minutes`. */
const UNITS: readonly (readonly [names: readonly string[], nanos: bigint])[] = [
  [['ns', 'nano'], 1n],
  [['us', 'µs', 'micro'], 1_000n],
  [['ms', 'milli'], 1_000_000n],
  [['s', 'sec'], SECOND],
  [['m', 'min'], 60n * SECOND],
  [['h', 'hr', 'hour'], 3600n * SECOND],
  [['d', 'day'], 86_400n * SECOND],
  [['w', 'wk', 'week'], 604_800n * SECOND],
];

/** A text of format `duration`: as Go writes one, or in words as `2 days`. */
export function durationOf(text: string): CelValue {
  const plain = readDuration(text);
  if (plain !== undefined) return plain;
  let nanos: bigint | undefined;
  for (const [, count, unit] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const found = UNITS.find(([names]) => isUnit(names, unit!.toLowerCase()));
    if (found !== undefined) nanos = (nanos ?? 0n) + BigInt(count!) * found[1];
  }
  if (nanos !== undefined) return new Duration(BigInt.asIntN(64, nanos));
  return new CelError(`Invalid duration ${text}: unable to parse ${text} as duration`);
}

function isUnit(names: readonly string[], unit: string): boolean {
  return names.includes(unit) || unit.startsWith(names.at(-1)!);
}

/** A text of format `date`. */
export function dateOf(text: string): CelValue {
  const date = /^\d{4}-\d\d-\d\d$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
  return date ?? new CelError(`Invalid date formatted string ${text}: parsing time ${JSON.stringify(text)}`);
}

/** A text of format `date-time`; without a zone it is UTC, and the empty one is the epoch. */
export function dateTimeOf(text: string): CelValue {
  const full = text === '' ? '1970-01-01T00:00:00Z' : /:\d\d$|\.\d+$/.test(text) && !/[+-]\d\d:\d\d$/.test(text);
  const time = parseTimestamp(typeof full === 'string' ? full : full ? `${text}Z` : text);
  return time ?? new CelError(`Invalid date-time formatted string ${text}: parsing time ${JSON.stringify(text)}`);
}

/** A text of format `byte`: base64 in the alphabet of URLs. */
export function bytesOf(text: string): CelValue {
  const plain = text.replace(/[\r\n]/g, '');
  const wrong = /[^A-Za-z0-9_=-]/.exec(plain)?.index ?? (plain.length % 4 === 0 ? undefined : plain.length);
  if (wrong === undefined) return new Uint8Array(Buffer.from(plain, 'base64url'));
  return new CelError(`Invalid byte formatted string ${text}: illegal base64 data at input byte ${wrong}`);
}
