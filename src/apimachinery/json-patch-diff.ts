import { isJsonObject, jsonEqual, type JsonObject, type JsonValue } from './value.ts';

/** What {@link diffJson} makes patches of (RFC 6902). */
export type JsonDifference =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string };

/**
 * The JSON patch that makes one value of another. Objects are compared by their members; of lists, items that are equal
 * at both ends stay, the rest is compared place by place. It is not always the shortest patch, but always a correct one.
 *
 * Linear in both values. Neither is changed; the patch shares parts with `to`.
 */
export function diffJson(from: JsonValue, to: JsonValue, path = ''): JsonDifference[] {
  if (isJsonObject(from) && isJsonObject(to)) return diffMembers(from, to, path);
  if (Array.isArray(from) && Array.isArray(to)) return diffItems(from, to, path);
  return jsonEqual(from, to) ? [] : [{ op: 'replace', path, value: to }];
}

function diffMembers(from: JsonObject, to: JsonObject, path: string): JsonDifference[] {
  const at = (name: string): string => `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const removed = Object.keys(from)
    .filter((name) => !Object.hasOwn(to, name))
    .map((name): JsonDifference => ({ op: 'remove', path: at(name) }));
  const others = Object.keys(to).flatMap((name): JsonDifference[] =>
    Object.hasOwn(from, name)
      ? diffJson(from[name]!, to[name]!, at(name))
      : [{ op: 'add', path: at(name), value: to[name]! }],
  );
  return [...removed, ...others];
}

function diffItems(from: readonly JsonValue[], to: readonly JsonValue[], path: string): JsonDifference[] {
  const shorter = Math.min(from.length, to.length);
  let begin = 0;
  while (begin < shorter && jsonEqual(from[begin], to[begin])) begin++;
  let tail = 0;
  while (tail < shorter - begin && jsonEqual(from[from.length - 1 - tail], to[to.length - 1 - tail])) tail++;
  const [fromEnd, toEnd] = [from.length - tail, to.length - tail];
  const both = Math.min(fromEnd, toEnd);
  const differences: JsonDifference[] = [];
  for (let i = begin; i < both; i++) differences.push(...diffJson(from[i]!, to[i]!, `${path}/${i}`));
  // from the end, so that the places of those that are still to go do not change
  for (let i = fromEnd - 1; i >= both; i--) differences.push({ op: 'remove', path: `${path}/${i}` });
  for (let i = both; i < toEnd; i++) differences.push({ op: 'add', path: `${path}/${i}`, value: to[i]! });
  return differences;
}
