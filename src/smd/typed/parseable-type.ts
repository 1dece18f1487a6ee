import { Schema, type TypeRef } from '../schema/schema.ts';
import type { Value } from '../value/value.ts';
import { type TypedValue, typed, type ValidationOptions } from './typed-value.ts';
import type { Violations } from './violations.ts';

/** A type that objects are read as. */
export class ParseableType {
  readonly type: TypeRef;

  constructor(type: TypeRef) {
    this.type = type;
  }

  /** False when the schema has no such type; every value is then refused. */
  get valid(): boolean {
    return this.type.atom !== undefined;
  }

  /** A value of this type, or all the reasons why it is none. */
  parse(value: Value, options?: ValidationOptions): TypedValue | Violations {
    return typed(value, this.type, options);
  }
}

const deducedSchema = new Schema({
  types: [
    {
      name: '__untyped_atomic_',
      scalar: 'untyped',
      list: { elementType: { namedType: '__untyped_atomic_' }, elementRelationship: 'atomic' },
      map: { elementType: { namedType: '__untyped_atomic_' }, elementRelationship: 'atomic' },
    },
    {
      name: '__untyped_deduced_',
      scalar: 'untyped',
      list: { elementType: { namedType: '__untyped_atomic_' }, elementRelationship: 'atomic' },
      map: { elementType: { namedType: '__untyped_deduced_' }, elementRelationship: 'separable' },
    },
  ],
});

/** The type of objects without a schema: every map is granular, every list atomic. */
export const deducedType: ParseableType = new ParseableType(deducedSchema.type('__untyped_deduced_'));
