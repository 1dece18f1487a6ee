import { ElementKind, fieldElement } from '../fieldpath/path-element.ts';
import type { FieldPath } from '../fieldpath/path.ts';
import { FieldSet } from '../fieldpath/set.ts';
import type { Schema, TypeRef } from '../schema/schema.ts';
import type { Value } from '../value/value.ts';
import { type Comparison, compareTyped } from './compare.ts';
import { mergeValues } from './merge.ts';
import { extractFrom, removeFrom } from './remove.ts';
import { toFieldSet } from './to-field-set.ts';
import { validate } from './validate.ts';
import { Violations } from './violations.ts';

/** What a value may be beside of its type. */
export interface ValidationOptions {
  /** Sets and keyed lists may have equal items, as objects that were updated rather than applied may. */
  readonly allowDuplicates?: boolean;
}

/** How items are extracted. */
export interface ExtractOptions {
  /** Items of keyed lists keep their key fields, named in the set or not. */
  readonly appendKeyFields?: boolean;
}

/**
 * A value with its type. Immutable, and so is the value: results share parts with operands.
 *
 * Methods return {@link Violations} where structured-merge-diff returns an error; with values that {@link typed} has
 * accepted and operands of one type that does not happen.
 */
export class TypedValue {
  /** Undefined only where a merge of nothing made nothing. */
  readonly value: Value | undefined;
  readonly type: TypeRef;
  /** No set or keyed list is known to have equal items. */
  private readonly distinct: boolean;

  /** @internal The value is not checked. */
  constructor(value: Value | undefined, type: TypeRef, distinct = false) {
    this.value = value;
    this.type = type;
    this.distinct = distinct;
  }

  /** The schema that the type belongs to. */
  get schema(): Schema {
    return this.type.schema;
  }

  /** The paths of all leaves and list items that the value mentions. */
  toFieldSet(): FieldSet | Violations {
    return toFieldSet(this.value, this.type);
  }

  /** This value with that of `other` laid over it: nothing is removed, leaves and order of `other` prevail. */
  merge(other: TypedValue): TypedValue | Violations {
    const mismatch = this.mismatch(other);
    if (mismatch !== undefined) return mismatch;
    const merged = mergeValues(this.value, other.value, this.type, other.distinct);
    if (merged instanceof Violations) return merged;
    return merged === this.value ? this : new TypedValue(merged, this.type);
  }

  /** What `other` removes, modifies and adds. */
  compare(other: TypedValue): Comparison | Violations {
    return this.mismatch(other) ?? compareTyped(this.value, other.value, this.type);
  }

  /** This value without the items and fields of a set; containers that lose all become null. */
  removeItems(items: FieldSet): TypedValue {
    return new TypedValue(removeFrom(this.value ?? null, items, this.type), this.type);
  }

  /** Only the items and fields of a set. */
  extractItems(items: FieldSet, options: ExtractOptions = {}): TypedValue {
    const wanted = options.appendKeyFields ? this.withKeyFields(items) : items;
    return new TypedValue(extractFrom(this.value ?? null, wanted, this.type), this.type);
  }

  private withKeyFields(items: FieldSet): FieldSet {
    const own = this.toFieldSet();
    if (own instanceof Violations) return items;
    const keys: FieldPath[] = [];
    for (const path of items.paths()) if (own.has(path)) keys.push(...keyFieldsOf(path));
    return items.union(FieldSet.of(...keys));
  }

  private mismatch(other: TypedValue): Violations | undefined {
    if (this.type === other.type) return undefined;
    if (this.schema !== other.schema) return Violations.of('expected objects with types from the same schema');
    if (this.type.equals(other.type)) return undefined;
    return Violations.of(
      `expected objects of the same type, but got ${this.type.name ?? 'inlined'} and ${other.type.name ?? 'inlined'}`,
    );
  }
}

/** The paths of the key fields of all keyed items that a path leads through. */
function keyFieldsOf(path: FieldPath): FieldPath[] {
  return path.flatMap((element, i) =>
    element.kind === ElementKind.key
      ? element.key.map((field) => [...path.slice(0, i + 1), fieldElement(field.name)])
      : [],
  );
}

/** A value of a type, checked. */
export function typed(value: Value, type: TypeRef, options: ValidationOptions = {}): TypedValue | Violations {
  const allowDuplicates = options.allowDuplicates ?? false;
  return validate(value, type, allowDuplicates) ?? new TypedValue(value, type, !allowDuplicates);
}
