import { isJsonObject, jsonEqual, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { fieldSchema, propertyOf, type StructuralSchema } from './schema.ts';

/**
 * A value of an update beside the one that it takes the place of: by name in objects and maps, by their keys in lists of
 * type map; elements of other lists have no old value.
 *
 * Children are made when asked for and kept, so that equality of a part is computed once.
 */
export class Correlation {
  readonly value: JsonValue;
  readonly old: JsonValue;
  readonly #schema: StructuralSchema;
  readonly #children = new Map<string | number, Correlation>();
  #byKey: ReadonlyMap<string, JsonValue> | undefined;
  #equal: boolean | undefined;

  constructor(value: JsonValue, old: JsonValue, schema: StructuralSchema) {
    this.value = value;
    this.old = old;
    this.#schema = schema;
  }

  /** The field or entry of this name; undefined if it is new, or has no schema. */
  key(name: string): Correlation | undefined {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    const { value, old } = this;
    if (!isJsonObject(value) || !isJsonObject(old)) return undefined;
    if (!Object.hasOwn(value, name) || !Object.hasOwn(old, name)) return undefined;
    return this.#keep(name, value[name]!, old[name]!, fieldSchema(this.#schema, name));
  }

  /** The element at an index of the new list; undefined if it is new or cannot be told. */
  index(i: number): Correlation | undefined {
    const known = this.#children.get(i);
    if (known !== undefined) return known;
    if (!Array.isArray(this.value) || i >= this.value.length || !Array.isArray(this.old)) return undefined;
    if (this.#schema['x-kubernetes-list-type'] !== 'map') return undefined;
    this.#byKey ??= indexByKeys(this.old, this.#schema);
    const value = this.value[i]!;
    const old = isJsonObject(value) ? this.#byKey.get(keyOf(value, this.#schema)) : undefined;
    return old === undefined ? undefined : this.#keep(i, value, old, this.#schema.items);
  }

  #keep(at: string | number, value: JsonValue, old: JsonValue, schema: StructuralSchema | undefined) {
    if (schema === undefined) return undefined;
    const child = new Correlation(value, old, schema);
    this.#children.set(at, child);
    return child;
  }

  /** Whether nothing changed; the order in lists of type map does not count. */
  isUnchanged(): boolean {
    return (this.#equal ??= this.#isUnchanged());
  }

  #isUnchanged(): boolean {
    const { value, old } = this;
    if (Array.isArray(value) && Array.isArray(old)) return this.#isSameList(value, old);
    if (isJsonObject(value) && isJsonObject(old)) {
      const keys = Object.keys(value);
      // what has no schema cannot be correlated, and counts as changed
      return keys.length === Object.keys(old).length && keys.every((key) => this.key(key)?.isUnchanged() ?? false);
    }
    return jsonEqual(value, old);
  }

  #isSameList(value: readonly JsonValue[], old: readonly JsonValue[]): boolean {
    if (value.length !== old.length) return false;
    for (let i = 0; i < value.length; i++) {
      const child = this.index(i);
      if (child === undefined) return this.#byKey === undefined && jsonEqual(value as JsonValue[], old as JsonValue[]);
      if (!child.isUnchanged()) return false;
    }
    return true;
  }
}

/** The elements of a list of type map by what identifies them ({@link keyOf}). */
export function indexByKeys(list: readonly JsonValue[], schema: StructuralSchema): ReadonlyMap<string, JsonValue> {
  const found = new Map<string, JsonValue>();
  for (const item of list) {
    if (!isJsonObject(item)) continue;
    const key = keyOf(item, schema);
    if (!found.has(key)) found.set(key, item);
  }
  return found;
}

/** What identifies an element of a list of type map; a key that is missing is its default. */
export function keyOf(item: JsonObject, schema: StructuralSchema): string {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return JSON.stringify(
    keys.map((key) => {
      const value = Object.hasOwn(item, key) ? item[key] : propertyOf(schema.items, key)?.default;
      return typeof value === 'bigint' ? [String(value)] : (value ?? null);
    }),
  );
}
