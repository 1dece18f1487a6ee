import { isJsonObject, type JsonValue, parseCidr, parseIp } from 'nekube/apimachinery';

/** A part of a configuration, and where it is: `frontends[0].backends[1].port`. */
export interface Part {
  readonly value: JsonValue | undefined;
  readonly path: string;
}

/** What is wrong with a part of a configuration. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor({ path, value }: Part, must: string) {
    const is = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
    super(`${path === '' ? 'The configuration' : path} must be ${must}, and ${is}`);
  }
}

/**
 * The fields of an object, each with its place.
 *
 * @throws ConfigError it is none, or has a field that is not known
 */
export function fieldsOf<const K extends string>(part: Part, known: readonly K[]): Readonly<Record<K, Part>> {
  const { value, path } = part;
  if (value === undefined || !isJsonObject(value)) throw new ConfigError(part, 'an object');
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  for (const name of Object.keys(value))
    if (!known.some((one) => one === name))
      throw new ConfigError(
        { value: name, path: `A field of ${path || 'the configuration'}` },
        `one of ${known.join(', ')}`,
      );
  return Object.fromEntries(known.map((name) => [name, { value: value[name], path: at(name) }])) as Record<K, Part>;
}

/** The elements of a list, each with its place; none where there is no list. */
export function elementsOf(part: Part): readonly Part[] {
  const { value, path } = part;
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new ConfigError(part, 'a list');
  return value.map((one, i) => ({ value: one, path: `${path}[${i}]` }));
}

/** A whole number. */
export function integer(part: Part, least: number, greatest: number): number {
  const { value } = part;
  const number = Number(value);
  if (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    !Number.isInteger(number) ||
    number < least ||
    number > greatest
  )
    throw new ConfigError(part, `a number from ${least} to ${greatest}`);
  return number;
}

/** Yes or no. */
export function flag(part: Part, otherwise: boolean): boolean {
  if (part.value === undefined) return otherwise;
  if (typeof part.value !== 'boolean') throw new ConfigError(part, 'true or false');
  return part.value;
}

/** One of some words. */
export function oneOf<const T extends string>(part: Part, words: readonly T[], otherwise?: T): T {
  if (part.value === undefined && otherwise !== undefined) return otherwise;
  const found = words.find((word) => word === part.value);
  if (found === undefined) throw new ConfigError(part, `one of ${words.join(', ')}`);
  return found;
}

/** An IP address. */
export function address(part: Part): string {
  if (typeof part.value !== 'string' || parseIp(part.value) === undefined) throw new ConfigError(part, 'an IP address');
  return part.value;
}

/** An IP address, or a range of them. */
export function range(part: Part): string {
  const { value } = part;
  if (typeof value !== 'string' || (parseIp(value) ?? parseCidr(value)) === undefined)
    throw new ConfigError(part, 'an IP address or a range of them, as 10.0.0.0/8');
  return value;
}

/** An address of hardware, as its six bytes. */
export function hardware(part: Part): readonly number[] {
  const { value } = part;
  if (typeof value !== 'string' || !/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(value))
    throw new ConfigError(part, 'an address of hardware, as 02:00:00:00:00:01');
  return value.split(/[:-]/).map((byte) => Number.parseInt(byte, 16));
}

/**
 * The bytes of a packet, from its Ethernet header on.
 *
 * @throws ConfigError the text is none
 */
export function parsePacket(text: string): Uint8Array {
  return packetBytes({ value: text, path: 'it' });
}

/** The bytes of a packet. */
export function packetBytes(part: Part): Uint8Array {
  const { value } = part;
  const digits = typeof value === 'string' ? value.replace(/[\s:]/g, '').replace(/^0x/, '') : '';
  if (digits.length < 28 || digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits))
    throw new ConfigError(part, 'a packet in hexadecimal digits, two a byte, from its Ethernet header (14 bytes) on');
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** What a part that need not be there is read as. */
export function optional<T>(part: Part, read: (part: Part) => T): T | undefined {
  return part.value === undefined ? undefined : read(part);
}
