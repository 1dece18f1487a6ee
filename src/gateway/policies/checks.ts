import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import { isHeaderName, isHeaderValue, isOfConnection } from '../model/http-words.ts';
import type { HeaderChange, TcpKeepalive } from '../model/index.ts';
import { type Findings, invalid } from './references.ts';
import type { HeaderFilter, TcpKeepaliveSpec } from './spec.ts';
import { headerChange, keepalive, ms } from './values.ts';

/*
 * What definitions admit, and no data plane can do. What is wrong goes to findings with the place, and is left out.
 */

/** A duration in milliseconds that must not be zero. */
export function aboveZero(duration: string | undefined, path: string, findings: Findings): number | undefined {
  const value = ms(duration);
  if (value !== 0) return value;
  findings.take(invalid(`${path}: must be longer than ${duration}`));
  return undefined;
}

/** A change of headers. */
export function checkedHeaders(
  filter: HeaderFilter | undefined,
  path: string,
  findings: Findings,
): HeaderChange | undefined {
  for (const list of ['set', 'add'] as const) {
    for (const [i, { name, value }] of (filter?.[list] ?? []).entries()) {
      const at = `${path}.${list}[${i}]`;
      if (isHeaderName(name) && isHeaderValue(value)) {
        if (isForBackends(name, at, findings)) continue;
      } else findings.take(invalid(`${at}: must be a header without control characters in its value`));
      return undefined;
    }
  }
  return headerChange(filter);
}

/** Whether a policy may give a header a value: not one that says how messages go over a connection. */
export function isForBackends(name: string, path: string, findings: Findings): boolean {
  if (!isOfConnection(name)) return true;
  findings.take(invalid(`${path}: ${name} says how messages go over a connection: name another header`));
  return false;
}

/** Texts that may have several lines. */
const OF_LINES = new Set(['inline', 'text', 'json', 'send', 'receive', 'matches']);

/** Where in a spec there is a text with control characters, which no name, value or path may have; undefined: nowhere. */
export function controlCharacterIn(value: unknown, path = 'spec'): string | undefined {
  if (typeof value === 'string') return isHeaderValue(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, one] of Object.entries(value)) {
    if (OF_LINES.has(key)) continue;
    const found = controlCharacterIn(one, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The longest that Linux waits, and how often it asks at most. */
const [MAX_KEEPALIVE_MS, MAX_PROBES] = [32_767_000, 127];

/** Probes of TCP, within what systems can do. */
export function checkedKeepalive(spec: TcpKeepaliveSpec | undefined, findings: Findings): TcpKeepalive | undefined {
  const before = findings.problems.length;
  for (const field of ['idle', 'interval'] as const) {
    const value = ms(spec?.[field]);
    if (value === undefined || (value > 0 && value <= MAX_KEEPALIVE_MS)) continue;
    findings.take(invalid(`spec.tcpKeepalive.${field}: must be from 1s to 32767s, not ${spec?.[field]}`));
  }
  if ((spec?.probes ?? 1) > MAX_PROBES)
    findings.take(invalid(`spec.tcpKeepalive.probes: must be at most ${MAX_PROBES}, not ${spec?.probes}`));
  return findings.problems.length > before ? undefined : keepalive(spec);
}

/** Names of protocols of ALPN, which have a length of one byte. */
export function checkedAlpn(names: readonly string[] | undefined, path: string, findings: Findings): typeof names {
  const wrong = names?.find((name) => Buffer.byteLength(name) < 1 || Buffer.byteLength(name) > 255);
  if (wrong === undefined) return names;
  findings.take(invalid(`${path}: each name must have from 1 to 255 bytes`));
  return undefined;
}

/** Whether a text is a set of keys that has at least one that tokens can be checked by. */
export function isKeySet(text: string): boolean {
  try {
    const { keys } = JSON.parse(text) as { readonly keys?: unknown };
    return Array.isArray(keys) && keys.some(isKey);
  } catch {
    return false;
  }
}

function isKey(key: unknown): boolean {
  if (typeof key !== 'object' || key === null) return false;
  const { kty, k, ...rest } = key as Readonly<Record<string, unknown>>;
  const isCoded = (text: unknown) => typeof text === 'string' && /^[\w-]+$/.test(text);
  if (kty === 'oct') return isCoded(k);
  if (!['n', 'e', 'x', 'y'].every((part) => !(part in rest) || isCoded(rest[part]))) return false;
  try {
    createPublicKey({ key: key as JsonWebKeyInput['key'], format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

/** Whether a number is one that only it and 1 divide. */
export function isPrime(number: number): boolean {
  if (number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
