import { fieldElement, type PathElement } from '../fieldpath/path-element.ts';
import { isMap, isScalar, type Value } from '../value/value.ts';
import type { AtomData, FieldData, ListData, MapData, SchemaData, TypeData, TypeRefData } from './schema-data.ts';

/** What an atom allows, as bits. */
export const Shape = { map: 1, scalar: 2, list: 4 } as const;

/** A field of a {@link MapType}. */
export interface StructField {
  readonly element: PathElement;
  readonly type: TypeRef;
  /** Undefined when there is none. */
  readonly default: Value | undefined;
}

/** A map type, ready for use. */
export interface MapType {
  readonly fields: ReadonlyMap<string, StructField>;
  /** The type of entries that are no field; undefined forbids them. */
  readonly elementType: TypeRef | undefined;
  readonly atomic: boolean;
  /** It has no fields and takes anything, as objects without a schema do. */
  readonly deduced: boolean;
}

/** A list type, ready for use. */
export interface ListType {
  readonly elementType: TypeRef;
  readonly atomic: boolean;
  readonly associative: boolean;
  readonly keys: readonly string[];
}

/** A resolved type: which shapes a value may have, and what each is. */
export interface Atom {
  /** Bits of {@link Shape}; 0 allows nothing. */
  readonly shapes: number;
  readonly scalar: string | undefined;
  readonly list: ListType | undefined;
  readonly map: MapType | undefined;
}

/**
 * Narrows what an atom allows by what a value is. A value it does not allow, null, and none narrow nothing: what
 * handles them then says what was expected.
 */
export function narrow(atom: Atom, value: Value | undefined): number {
  if (value === undefined || value === null) return atom.shapes;
  const shape = isScalar(value) ? Shape.scalar : isMap(value) ? Shape.map : Shape.list;
  return atom.shapes & shape ? shape : atom.shapes;
}

/** A reference to a type of a schema. Types refer to each other in circles, so it resolves on first use. */
export class TypeRef {
  readonly schema: Schema;
  /** The type's name; undefined when it is spelled out in place. */
  readonly name: string | undefined;
  /** @internal */
  readonly data: TypeRefData;
  private resolved: Atom | null | undefined;

  /** @internal */
  constructor(schema: Schema, data: TypeRefData) {
    this.schema = schema;
    this.name = data.namedType;
    this.data = data;
    this.resolved = undefined;
  }

  /** The type; undefined when the schema has none of that name, or the override does not fit it. */
  get atom(): Atom | undefined {
    if (this.resolved === undefined) this.resolved = this.schema.resolve(this.data) ?? null;
    return this.resolved ?? undefined;
  }

  /** True when both refer to the same type in the same way. */
  equals(other: TypeRef): boolean {
    if (this === other) return true;
    if (this.schema !== other.schema || this.name !== other.name) return false;
    return this.name === undefined
      ? this.data === other.data
      : this.data.elementRelationship === other.data.elementRelationship;
  }
}

/** A set of named types, compiled from data on first use of each. Immutable to its users; made once, shared by all. */
export class Schema {
  private readonly types: ReadonlyMap<string, TypeData>;
  private readonly atoms = new Map<string, Atom>();

  constructor(data: SchemaData) {
    this.types = new Map((data.types ?? []).map((type) => [type.name, type]));
  }

  /** The names of all types, as declared. */
  get typeNames(): readonly string[] {
    return [...this.types.keys()];
  }

  /** A reference to a named type, which need not exist. */
  type(name: string): TypeRef {
    return this.ref({ namedType: name });
  }

  /** A reference as data writes it. */
  ref(data: TypeRefData): TypeRef {
    return new TypeRef(this, data);
  }

  /** @internal */
  resolve(ref: TypeRefData): Atom | undefined {
    const atom = ref.namedType === undefined ? this.compile(ref) : this.named(ref.namedType);
    if (atom === undefined || ref.elementRelationship === undefined) return atom;
    const atomic = ref.elementRelationship === 'atomic';
    if (atom.map !== undefined) return { ...atom, map: { ...atom.map, atomic } };
    if (atom.list === undefined) return undefined;
    return { ...atom, list: { ...atom.list, atomic, associative: ref.elementRelationship === 'associative' } };
  }

  private named(name: string): Atom | undefined {
    const known = this.atoms.get(name);
    if (known !== undefined) return known;
    const data = this.types.get(name);
    if (data === undefined) return undefined;
    const atom = this.compile(data);
    this.atoms.set(name, atom);
    return atom;
  }

  private compile(data: AtomData): Atom {
    const shapes = (data.map ? Shape.map : 0) | (data.scalar ? Shape.scalar : 0) | (data.list ? Shape.list : 0);
    return {
      shapes,
      scalar: data.scalar,
      list: data.list && this.compileList(data.list),
      map: data.map && this.compileMap(data.map),
    };
  }

  private compileList(data: ListData): ListType {
    return {
      elementType: this.ref(data.elementType ?? {}),
      atomic: data.elementRelationship === 'atomic',
      associative: data.elementRelationship === 'associative',
      keys: data.keys ?? [],
    };
  }

  private compileMap(data: MapData): MapType {
    const elementType = data.elementType;
    return {
      fields: new Map((data.fields ?? []).map((field) => [field.name, this.compileField(field)])),
      elementType:
        elementType === undefined || Object.keys(elementType).length === 0 ? undefined : this.ref(elementType),
      atomic: data.elementRelationship === 'atomic',
      deduced: data.fields === undefined && elementType !== undefined && isUntyped(elementType),
    };
  }

  private compileField(data: FieldData): StructField {
    const element = fieldElement(data.name);
    return { element, type: this.ref(data.type ?? {}), default: data.default ?? undefined };
  }
}

/** True for the type of deduced values, and for a scalar of any type. */
function isUntyped(type: TypeRefData): boolean {
  return type.namedType === undefined ? type.scalar === 'untyped' : type.namedType === '__untyped_deduced_';
}
