import { formatFloat, formatNumber, quote } from '../value/go-format.ts';
import { compareStrings } from '../value/strings.ts';
import { compareValues, isMap, type Value } from '../value/value.ts';
import { textOfKey, textOfValue } from './element-text.ts';

/** What a path element selects by. The numbers are their order among the members of a set. */
export const ElementKind = { field: 0, key: 1, value: 2, index: 3 } as const;
export type ElementKind = (typeof ElementKind)[keyof typeof ElementKind];

/** One field of the key of a list item. */
export interface KeyField {
  readonly name: string;
  readonly value: Value;
}

/**
 * One step of a path: a field of a map by its name, an item of a keyed list by its key, a member of a set by its value,
 * or an item of any list by its index. Immutable.
 *
 * Made by {@link fieldElement}, {@link keyElement}, {@link valueElement}, {@link indexElement}; one class for all keeps
 * the comparisons, which every merge is full of, monomorphic.
 */
export class PathElement {
  readonly kind: ElementKind;
  /** The field's name; empty for other kinds. */
  readonly name: string;
  /** The fields of the key, sorted by name; empty for other kinds. */
  readonly key: readonly KeyField[];
  /** The value of a set's member, or the index; null for other kinds. */
  readonly value: Value;
  /** Read from FieldsV1: the numbers in it are floats, and print as such. */
  private readonly decoded: boolean;
  private serialized: string | undefined;

  /** @internal */
  constructor(kind: ElementKind, name: string, key: readonly KeyField[], value: Value, decoded = false) {
    this.kind = kind;
    this.name = name;
    this.key = key;
    this.value = value;
    this.decoded = decoded;
    this.serialized = undefined;
  }

  /** The element as a key of FieldsV1: `f:name`, `k:{"name":"a"}`, `v:"a"` or `i:0`. Equal elements have equal texts. */
  get text(): string {
    this.serialized ??= this.serialize();
    return this.serialized;
  }

  private serialize(): string {
    switch (this.kind) {
      case ElementKind.field:
        return `f:${this.name}`;
      case ElementKind.key:
        return `k:${textOfKey(this.key)}`;
      case ElementKind.value:
        return `v:${textOfValue(this.value)}`;
      default:
        return `i:${this.value}`;
    }
  }

  /** The element as messages show it: `.name`, `[name="a",port=80]`, `[="a"]` or `[0]`. */
  toString(): string {
    switch (this.kind) {
      case ElementKind.field:
        return `.${this.name}`;
      case ElementKind.key:
        return `[${this.key.map((field) => `${field.name}=${this.display(field.value)}`).join(',')}]`;
      case ElementKind.value:
        return `[=${this.display(this.value)}]`;
      default:
        return `[${this.value}]`;
    }
  }

  private display(value: Value): string {
    if (value === null) return 'null';
    if (typeof value === 'string') return quote(value);
    if (typeof value === 'number') return this.decoded ? formatFloat(value) : formatNumber(value);
    if (Array.isArray(value)) return `[${value.map((item) => this.display(item)).join(',')}]`;
    if (isMap(value))
      return Object.entries(value)
        .map(([k, v]) => `${k}=${this.display(v)}`)
        .join('');
    return String(value);
  }
}

const noKey: readonly KeyField[] = [];

/** Field elements by name. Names of struct fields and of common labels recur in all sets; sharing makes equality `===`. */
const fields = new Map<string, PathElement>();
/** Bound what a stream of made-up names can make the table hold. */
const maxFields = 20_000;
const maxSharedLength = 128;

/** Selects a field, or an entry of a map, by its name. */
export function fieldElement(name: string): PathElement {
  const known = fields.get(name);
  if (known !== undefined) return known;
  const made = new PathElement(ElementKind.field, name, noKey, null);
  if (name.length > maxSharedLength) return made;
  if (fields.size >= maxFields) fields.clear();
  fields.set(name, made);
  return made;
}

/** Selects the item of a keyed list whose fields have these values; they are sorted by name here, stably. */
export function keyElement(key: KeyField[], decoded = false): PathElement {
  if (key.length > 1) key.sort((a, b) => compareStrings(a.name, b.name));
  return new PathElement(ElementKind.key, '', key, null, decoded);
}

/** Selects the member of a set that equals a value. */
export function valueElement(value: Value, decoded = false): PathElement {
  return new PathElement(ElementKind.value, '', noKey, value, decoded);
}

/** Selects an item by its place, from 0. */
export function indexElement(index: number): PathElement {
  return new PathElement(ElementKind.index, '', noKey, index);
}

/** The order of elements in a set: fields, keys, values, indices; within a kind by name or value. 0 when equal. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0;
  if (a.kind !== b.kind) return a.kind - b.kind;
  if (a.kind === ElementKind.field) return compareStrings(a.name, b.name);
  if (a.kind === ElementKind.key) return compareKeys(a.key, b.key);
  return compareValues(a.value, b.value);
}

function compareKeys(a: readonly KeyField[], b: readonly KeyField[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const fieldA = a[i]!;
    const fieldB = b[i]!;
    const c = compareStrings(fieldA.name, fieldB.name) || compareValues(fieldA.value, fieldB.value);
    if (c !== 0) return c;
  }
  return a.length - b.length;
}
