import { fieldElement, indexElement, type PathElement } from '../fieldpath/path-element.ts';
import { type ListType, type MapType, narrow, Shape, type TypeRef } from '../schema/schema.ts';
import { formatPlain, formatSyntax, typeName } from '../value/go-format.ts';
import { isMap, type Value, type ValueMap } from '../value/value.ts';
import { ElementIndex } from './element-index.ts';
import { listElement } from './list-element.ts';
import { ViolationList, type Violations } from './violations.ts';

/** Checks that a value is of a type. Unknown fields, wrong types and, unless allowed, equal list items are defects. */
export function validate(value: Value | undefined, type: TypeRef, allowDuplicates: boolean): Violations | undefined {
  const walk = new Validation(allowDuplicates);
  walk.value(value, type);
  return walk.found.result();
}

/** What a type that is not in the schema, or allows nothing, is reported as. */
export function unusable(type: TypeRef): string {
  if (type.atom === undefined) return `schema error: no type found matching: ${type.name ?? 'inlined type'}`;
  return `schema error: invalid atom: ${type.name === undefined ? 'inlined' : `named type: ${type.name}`}`;
}

/** Says why a value is no scalar of a type; undefined when it is one. Null fits every type. */
export function checkScalar(scalar: string | undefined, value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (scalar) {
    case 'numeric':
      if (typeof value === 'number' || typeof value === 'bigint') return undefined;
      return `expected numeric (int or float), got ${typeName(value)}`;
    case 'string':
      if (typeof value === 'string') return undefined;
      return `expected string, got &value.valueUnstructured{Value:${formatSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${formatPlain(value)}}`;
    case 'untyped':
      return typeof value !== 'object' ? undefined : `expected any scalar, got &{${formatPlain(value)}}`;
    default:
      return `unexpected scalar type in schema: ${scalar}`;
  }
}

class Validation {
  readonly found = new ViolationList();
  private readonly allowDuplicates: boolean;

  constructor(allowDuplicates: boolean) {
    this.allowDuplicates = allowDuplicates;
  }

  value(value: Value | undefined, type: TypeRef): void {
    const atom = type.atom;
    const shape = atom === undefined ? 0 : narrow(atom, value);
    if (shape & Shape.map) this.map(value, atom!.map!);
    else if (shape & Shape.scalar) this.scalar(value, atom!.scalar);
    else if (shape & Shape.list) this.list(value, atom!.list!);
    else this.found.add(unusable(type));
  }

  private scalar(value: Value | undefined, scalar: string | undefined): void {
    const defect = checkScalar(scalar, value);
    if (defect !== undefined) this.found.add(defect);
  }

  private map(value: Value | undefined, type: MapType): void {
    if (value === undefined) this.found.add('expected map, got nil');
    else if (isMap(value)) this.entries(value, type);
    else if (value !== null) this.found.add(`expected map, got &{${formatPlain(value)}}`);
  }

  private entries(map: ValueMap, type: MapType): void {
    for (const key of Object.keys(map)) {
      const before = this.found.length;
      const field = type.fields.get(key);
      const entryType = field === undefined ? type.elementType : field.type;
      if (entryType === undefined) this.found.add('field not declared in schema');
      else this.value(map[key], entryType);
      if (this.found.length > before) this.found.prefix(before, fieldElement(key));
      if (entryType === undefined) return;
    }
  }

  private list(value: Value | undefined, type: ListType): void {
    if (Array.isArray(value)) this.items(value, type);
    else if (value !== null) this.found.add(`expected list, got &{${formatPlain(value ?? null)}}`);
  }

  private items(list: readonly Value[], type: ListType): void {
    const seen = new ElementIndex<true>();
    for (let i = 0; i < list.length; i++) {
      const item = list[i]!;
      const element = type.associative ? this.distinct(type, item, i, seen) : undefined;
      if (type.associative && element === undefined) return;
      const before = this.found.length;
      this.value(item, type.elementType);
      if (this.found.length > before) this.found.prefix(before, element ?? indexElement(i));
    }
  }

  /** The item's element, noted as seen; undefined, with the defect added, when it has none. */
  private distinct(type: ListType, item: Value, i: number, seen: ElementIndex<true>): PathElement | undefined {
    const element = listElement(type, item);
    if (typeof element === 'string') {
      this.found.add(`element ${i}: ${element}`);
      return undefined;
    }
    if (seen.find(element) < 0) seen.add(element, true);
    else if (!this.allowDuplicates) this.found.add(`duplicate entries for key ${element}`);
    return element;
  }
}
