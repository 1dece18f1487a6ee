import { createHmac } from 'node:crypto';
import { isJsonObject, type JsonValue, parseJson, stringifyJson } from 'nekube/apimachinery';
import type { FieldPath } from 'nekube/smd';
import { textOfPath } from './path-text.ts';

/** Values that are longer as JSON are kept as what tells them apart. */
const LONGEST_BYTES = 4096;

/**
 * A value as a history keeps it. In place of a Secret's, and of a long one, stands a hash that is salted for each store, so
 * that it can be seen that a value returned, and nobody can try values out elsewhere.
 */
export type KeptValue =
  | { readonly value: JsonValue }
  | { readonly hash: string; readonly why: 'secret' | 'long'; readonly bytes: number };

/** A hash as shown in place of a value. */
export function textOfHash({ hash, why, bytes }: Extract<KeptValue, { hash: string }>): string {
  return why === 'secret' ? `<secret ${hash.slice(0, 8)}>` : `<${bytes} bytes ${hash.slice(0, 8)}>`;
}

/** A text that is the same for the same value, as far as is kept of it. */
export function identityOfKept(kept: KeptValue): string {
  return 'hash' in kept ? `#${kept.why} ${kept.bytes} ${kept.hash}` : stringifyJson(sorted(kept.value));
}

/** The value of a text that {@link identityOfKept} gave. */
export function keptOfIdentity(text: string): KeptValue {
  if (!text.startsWith('#')) return { value: parseJson(text) };
  const [why, bytes, hash] = text.slice(1).split(' ') as ['secret' | 'long', string, string];
  return { hash, why, bytes: Number(bytes) };
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(value[name]!)]));
}

/** Of which object a value is. */
export interface ValueOf {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** The value of a field as it may be kept. */
export function keptValue(value: JsonValue, path: FieldPath, object: ValueOf, salt: Buffer): KeptValue {
  const why = isSecret(path, object) ? 'secret' : undefined;
  // a scalar that is short need not be written down to be measured
  if (why === undefined && (typeof value !== 'object' || value === null) && String(value).length < LONGEST_BYTES / 4)
    return { value };
  const text = stringifyJson(value);
  const bytes = Buffer.byteLength(text);
  if (why === undefined && bytes <= LONGEST_BYTES) return { value };
  // of one object and field: elsewhere the same value has another hash, which says nothing of this one
  const scope = [object.group, object.kind, object.namespace, object.name, textOfPath(path)].join('\0');
  const hash = createHmac('sha256', salt).update(scope).update('\0').update(text).digest('hex').slice(0, 32);
  return { hash, why: why ?? 'long', bytes: why === undefined ? bytes : 0 };
}

/** Values of Secrets, and the copies that kubectl makes of them. */
function isSecret(path: FieldPath, { group, kind }: ValueOf): boolean {
  if (group !== '' || kind !== 'Secret') return false;
  const [first, second, third] = path;
  if (first?.name === 'data' || first?.name === 'stringData') return true;
  if (first?.name !== 'metadata') return false;
  // metadata is one value where somebody owns it as one
  if (second === undefined) return true;
  if (second.name !== 'annotations') return false;
  return third === undefined || third.name === 'kubectl.kubernetes.io/last-applied-configuration';
}
