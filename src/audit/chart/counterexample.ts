import { isJsonObject, type JsonObject, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { normalized } from './normalized.ts';

/** Values for which a chart gives something else than the operator. */
export interface Counterexample {
  readonly values: JsonObject;
  /** A kind, a name and a path. */
  readonly place: string;
  /** What the operator wrote there; absent: nothing. */
  readonly expected?: JsonValue;
  /** What the chart gives; absent: nothing. */
  readonly got?: JsonValue;
}

/** Where two lists of objects differ. */
export interface ObjectDifference {
  /** Of the first list, or else of the second. */
  readonly object: KubeObject;
  /** Empty: one of them does not have it. */
  readonly path: readonly string[];
  readonly left: JsonValue | undefined;
  readonly right: JsonValue | undefined;
}

/** The first difference of what an operator wrote and what a chart gives; undefined: there is none. */
export function counterexampleOf(
  values: JsonObject,
  expected: readonly KubeObject[],
  got: readonly KubeObject[],
): Counterexample | undefined {
  const [first] = differencesOf(expected, got);
  if (first === undefined) return undefined;
  const { object, path, left, right } = first;
  const place = `${object.kind} ${object.metadata.name}${path.map((part) => `/${part}`).join('')}`;
  return {
    values,
    place,
    ...(left !== undefined && { expected: left }),
    ...(right !== undefined && { got: right }),
  };
}

/** How objects differ, of those that are called alike, without what says nothing; lists item by item where they have as many. */
export function differencesOf(a: readonly KubeObject[], b: readonly KubeObject[]): readonly ObjectDifference[] {
  const keyOf = ({ kind, metadata }: KubeObject): string => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`;
  const others = new Map(b.map((object) => [keyOf(object), object]));
  const found: ObjectDifference[] = [];
  for (const object of a) {
    const other = others.get(keyOf(object));
    others.delete(keyOf(object));
    for (const one of valuesThatDiffer(plain(object), plain(other), [])) found.push({ object, ...one });
  }
  for (const object of others.values()) found.push({ object, path: [], left: undefined, right: plain(object) });
  return found;
}

/** Where two values differ, with the paths. */
export function* valuesThatDiffer(
  left: JsonValue | undefined,
  right: JsonValue | undefined,
  path: readonly string[],
): Generator<Omit<ObjectDifference, 'object'>> {
  if (isJsonObject(left) && isJsonObject(right)) {
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)]))
      yield* valuesThatDiffer(left[name], right[name], [...path, name]);
  } else if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    for (let i = 0; i < left.length; i++) yield* valuesThatDiffer(left[i], right[i], [...path, String(i)]);
  } else if (JSON.stringify(left) !== JSON.stringify(right)) yield { path, left, right };
}

function plain(object: KubeObject | undefined): JsonValue | undefined {
  return object && normalized(object as unknown as JsonValue);
}
