/*
 * What definitions check already, for objects of files: a data plane would refuse these, and more with them.
 */

export { isHeaderName, isHeaderValue, isOfConnection } from '../model/http-words.ts';

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const HOSTNAME = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);

/** Whether it is a hostname in lower case, perhaps with a wildcard before it. */
export function isHostname(text: unknown): text is string {
  return typeof text === 'string' && text.length <= 253 && HOSTNAME.test(text);
}

/** Whether it is a hostname without a wildcard. */
export function isPreciseHostname(text: unknown): text is string {
  return isHostname(text) && !text.startsWith('*');
}

/** Whether it is a port. */
export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
}

/** Whether it is a weight of a backendRef. */
export function isWeight(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 1_000_000;
}
