import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import type { Path, Scope } from './template.ts';

/** The places of scopes, by what stands there. */
export interface Places {
  /** Texts, numbers and truth values. */
  readonly scalars: readonly Path[];
  /** Lists and maps. */
  readonly collections: readonly Path[];
  /** Objects that are no maps of names, which may be absent as a whole. */
  readonly objects: readonly Path[];
}

/**
 * All places that any of the scopes has, outside of lists and of maps of names; in a loop also those of its item.
 *
 * @param maps which objects are known to be maps of names; gets those that are seen to be
 */
export function placesOf(scopes: readonly Scope[], maps: Set<string> = new Set()): Places {
  const found = {
    scalars: new Map<string, Path>(),
    collections: new Map<string, Path>(),
    objects: new Map<string, Path>(),
  };
  const { over = [] } = scopes[0] ?? {};
  const note = (to: Map<string, Path>, path: Path): void => void to.set(JSON.stringify(path), path);
  const walk = (values: readonly (JsonValue | undefined)[], path: Path): void => {
    const there = values.filter((value): value is JsonValue => value !== undefined && value !== null);
    if (there.some(Array.isArray)) return note(found.collections, path);
    const objects = there.filter(isJsonObject);
    if (objects.length < there.length) note(found.scalars, path);
    if (objects.length === 0) return;
    note(found.objects, path);
    const known = JSON.stringify([over[Number(path[0]!.slice(4))] ?? [], path]);
    if (hasFreeNames(objects)) maps.add(known);
    if (maps.has(known)) return note(found.collections, path);
    const names = new Set(objects.flatMap((object) => Object.keys(object)));
    for (const name of names)
      walk(
        objects.map((object) => object[name]),
        [...path, name],
      );
  };
  walk(
    scopes.map(({ Values }) => Values),
    ['Values'],
  );
  walk(
    scopes.map(({ Release }) => ({ ...Release })),
    ['Release'],
  );
  const depth = Math.max(0, ...scopes.map(({ items }) => items.length));
  for (let i = 0; i < depth; i++)
    walk(
      scopes.map(({ items }) => items[i]),
      [`item${i}`],
    );
  // nothing loops over what it is in a loop over
  const around = new Set(over.map((path) => JSON.stringify(path)));
  const isBelow = (path: Path): boolean => path.length > 1 && path[0] !== 'Release';
  return {
    scalars: [...found.scalars.values()],
    collections: [...found.collections]
      .filter(([key, path]) => !around.has(key) && (isBelow(path) || path[0]!.startsWith('item')))
      .map(([, path]) => path),
    objects: [...found.objects.values()].filter((path) => isBelow(path)),
  };
}

/** Whether objects are maps of names that anybody may choose: together they have many more than each. */
export function hasFreeNames(objects: readonly JsonObject[]): boolean {
  const names = new Set(objects.flatMap((object) => Object.keys(object)));
  const most = Math.max(0, ...objects.map((object) => Object.keys(object).length));
  return names.size > 2 * most + 4;
}
