import type { Value } from '../value/value.ts';

/** What a scalar may be; `untyped` is any of them. */
export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped';

/**
 * How the elements of a list or map belong together: `atomic` ones are owned and replaced as a whole, those of an
 * `associative` list or a `separable` map each for themselves. Lists must say one of the first two; maps are separable
 * unless they say otherwise.
 */
export type ElementRelationship = 'associative' | 'atomic' | 'separable';

/** The types a value may have: one of a scalar, a list and a map, or several of them. */
export interface AtomData {
  readonly scalar?: ScalarType | string;
  readonly list?: ListData;
  readonly map?: MapData;
}

/** A type by its name, or spelled out in place. */
export interface TypeRefData extends AtomData {
  readonly namedType?: string;
  /** Replaces the relationship that the named list or map has. */
  readonly elementRelationship?: ElementRelationship | string;
}

/** A list; an associative one without keys is a set of scalars. */
export interface ListData {
  readonly elementType?: TypeRefData;
  readonly elementRelationship?: ElementRelationship | string;
  /** The fields of the items that tell them apart. */
  readonly keys?: readonly string[];
}

/** A map, a struct (`fields`), or a struct with further fields of one type (both). */
export interface MapData {
  readonly fields?: readonly FieldData[];
  /** The type of entries that are no field; without one there may be none. */
  readonly elementType?: TypeRefData;
  readonly elementRelationship?: ElementRelationship | string;
}

/** A field of a struct. */
export interface FieldData {
  readonly name: string;
  readonly type?: TypeRefData;
  /** What a key field counts as where an item lacks it; null is none. */
  readonly default?: Value;
}

/** A type with its name, unique in its schema. */
export interface TypeData extends AtomData {
  readonly name: string;
}

/** A schema as data, in the form that structured-merge-diff reads from YAML. */
export interface SchemaData {
  readonly types?: readonly TypeData[];
}
