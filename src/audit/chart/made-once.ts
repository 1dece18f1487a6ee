import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { differencesOf } from './counterexample.ts';
import type { Example } from './synthesize.ts';

/** A value of a Secret that is made once, at random, and then stays. */
export interface MadeOnce {
  /** How the Secret is called, with {@link NAME} for the name of the resource and {@link VALUE} for values. */
  readonly secret: string;
  readonly member: 'data' | 'stringData';
  readonly key: string;
  /** The function of Sprig that makes such values. */
  readonly by: 'randAlphaNum' | 'randAlpha' | 'randNumeric' | 'randAscii';
  readonly length: number;
}

/** What stands for the name of a resource. */
export const NAME = '‹name›';
/** What stands for a value. */
export const VALUE = '‹›';
const SIGN = '‹made once›';

/** How two observations of the same values differ. */
export interface Variation {
  readonly secrets: readonly MadeOnce[];
  /** Where else: a kind, a name and a path. */
  readonly others: readonly string[];
}

/** What of objects differs when the same values are given once more. Only pairs of examples with the same values are compared. */
export function variationOf(first: readonly Example[], second: readonly Example[]): Variation {
  const values = new Map<string, { readonly of: Omit<MadeOnce, 'by' | 'length'>; readonly texts: string[] }>();
  const others = new Set<string>();
  for (const example of first) {
    const other = second.find((one) => one.values === example.values);
    if (other === undefined) continue;
    const [a, b] = [generalized(example), generalized(other)];
    for (const { object, path, left, right } of differencesOf(a, b)) {
      const [member, key] = path;
      const isSecret = object.kind === 'Secret' && path.length === 2 && (member === 'data' || member === 'stringData');
      if (!isSecret || typeof left !== 'string' || typeof right !== 'string') {
        others.add(`${object.kind} ${object.metadata.name}: /${path.join('/')}`);
        continue;
      }
      const of = { secret: formOfName(object, { ...example, name: NAME }), member, key: key! } as const;
      const known = values.get(JSON.stringify(of)) ?? { of, texts: [] };
      known.texts.push(...[left, right].map((text) => (member === 'data' ? decoded(text) : text)));
      values.set(JSON.stringify(of), known);
    }
  }
  const secrets = [...values.values()].map(
    ({ of, texts }): MadeOnce => ({ ...of, by: makerOf(texts), length: lengthOf(texts) }),
  );
  return { secrets, others: [...others] };
}

/** An example in which a sign stands for what is made once. */
export function withSigns(example: Example, secrets: readonly MadeOnce[]): Example {
  return { ...example, objects: signed(example.objects, example, secrets) };
}

/** Objects in which a sign stands for what is made once. */
export function signed<T extends JsonObject | KubeObject>(
  objects: readonly T[],
  of: Pick<Example, 'name' | 'values'>,
  secrets: readonly MadeOnce[],
): readonly T[] {
  return objects.map((object) => {
    const secretOf = object as unknown as KubeObject;
    const called = secretOf.kind === 'Secret' ? formOfName(secretOf, of) : undefined;
    const own = secrets.filter(({ secret }) => secret === called);
    return own.reduce<T>((one, secret) => withSign(one, secret), object);
  });
}

/** What a constant stands for that is made once; undefined: it is one. */
export function madeOnce(value: JsonValue): Omit<MadeOnce, 'secret'> | undefined {
  return typeof value === 'string' && value.startsWith(SIGN)
    ? (JSON.parse(value.slice(SIGN.length)) as Omit<MadeOnce, 'secret'>)
    : undefined;
}

function withSign<T extends JsonObject | KubeObject>(object: T, secret: MadeOnce): T {
  const data = (object as JsonObject)[secret.member];
  if (!isJsonObject(data) || typeof data[secret.key] !== 'string') return object;
  // however the Secret is called, it is the same that is made
  const { secret: _, ...made } = secret;
  const sign = `${SIGN}${JSON.stringify(made)}`;
  return { ...object, [secret.member]: { ...data, [secret.key]: sign } };
}

/** The objects as they would be for one that is called otherwise, also in what is encoded. */
function generalized({ objects, name, namespace }: Example): readonly KubeObject[] {
  const general = (text: string): string => text.replaceAll(namespace, '‹namespace›').replaceAll(name, NAME);
  const text = JSON.stringify(objects, (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    const clear = decoded(value);
    return clear.includes(name) || clear.includes(namespace) ? general(clear) : general(value);
  });
  return JSON.parse(text) as KubeObject[];
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

/** The maker of the smallest alphabet that has all signs which were seen, or of letters and digits. */
function makerOf(texts: readonly string[]): MadeOnce['by'] {
  const all = texts.join('');
  if (/^\d+$/.test(all)) return 'randNumeric';
  if (/^[a-z]+$/i.test(all)) return 'randAlpha';
  return /^[a-z\d._-]+$/i.test(all) || !/^[\x20-\x7e]+$/.test(all) ? 'randAlphaNum' : 'randAscii';
}

/** The length that comes most often. */
function lengthOf(texts: readonly string[]): number {
  const counts = new Map<number, number>();
  for (const { length } of texts) counts.set(length, (counts.get(length) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 16;
}

/** Shorter texts stand in names by chance. */
const SHORTEST = 3;

/** How an object is called, with signs for the resource's name and for what is a value. */
export function formOfName({ metadata }: KubeObject, { name, values }: Pick<Example, 'name' | 'values'>): string {
  const texts: string[] = [];
  const walk = (value: JsonValue): void => {
    if (typeof value === 'string' && value.length >= SHORTEST) texts.push(value);
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isJsonObject(value))
      for (const [key, member] of Object.entries(value)) {
        texts.push(key);
        walk(member);
      }
  };
  walk(values);
  const own = (metadata.name ?? '').replaceAll(name, NAME);
  // the names of members are keys of maps, perhaps, but as a whole only
  const isPart = (text: string): boolean => own.split(/[^a-z0-9]+/i).includes(text) || own.includes(`-${text}-`);
  return texts.filter(isPart).reduce((rest, text) => rest.replaceAll(text, VALUE), own);
}
