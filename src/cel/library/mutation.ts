import { equalValues } from '../equality.ts';
import { typeName } from '../kind.ts';
import { type CelType, DYN, type Fields, objectType, opaqueType, STRING } from '../type.ts';
import { CelError, type CelValue, ListValue, MapValue, ObjectValue, TypeValue } from '../value.ts';

/**
 * The types of mutating policies: `Object{…}`, `Object.spec{…}` and so on, whose fields may be anything, and
 * `JSONPatch{…}`.
 */

const PATCH_FIELDS: ReadonlyMap<string, CelType> = new Map([
  ['op', STRING],
  ['path', STRING],
  ['from', STRING],
  ['value', DYN],
]);

/** Nothing can be assigned to other fields; their type has no name in messages. */
const NO_TYPE: CelType = opaqueType('');

const patchFields: Fields = (name) => ({ type: PATCH_FIELDS.get(name) ?? NO_TYPE });

/** The type `JSONPatch`. */
export const JSON_PATCH_TYPE: CelType = objectType('JSONPatch', patchFields);

/** Finds the types that mutating policies may name; undefined for others. */
export function mutationType(name: string): CelType | undefined {
  if (name === 'JSONPatch') return JSON_PATCH_TYPE;
  return name === 'Object' || name.startsWith('Object.') ? objectType(name, () => ({ type: DYN })) : undefined;
}

/** Makes the objects of `Name{…}` expressions in mutating policies. */
export function makeMutationObject(type: string, fields: ReadonlyMap<string, CelValue>): CelValue {
  if (type !== 'JSONPatch') return new ObjectLiteral(type, fields);
  for (const [name, value] of fields) {
    if (!PATCH_FIELDS.has(name)) return new CelError(`unexpected JSONPatchType field: ${name}`);
    if (name !== 'value' && typeof value !== 'string') {
      return new CelError(`unexpected type ${typeName(value)} for JSONPatchType '${name}' field`);
    }
  }
  return new JsonPatchValue(fields);
}

/** An object that a policy wrote down. */
export class ObjectLiteral extends ObjectValue {
  readonly type: TypeValue;
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(type: string, fields: ReadonlyMap<string, CelValue>) {
    super();
    this.type = new TypeValue(type);
    this.fields = fields;
  }

  equals(other: CelValue): boolean {
    if (!(other instanceof ObjectLiteral) || other.type.name !== this.type.name) return false;
    return sameFields(this.fields, other.fields);
  }

  override get hasFields(): boolean {
    return true;
  }

  override field(name: string): CelValue | undefined {
    return this.fields.get(name);
  }

  override isZero(): boolean {
    return this.fields.size === 0;
  }
}

/** One operation of a JSON patch that a policy wrote down. */
export class JsonPatchValue extends ObjectValue {
  readonly type: TypeValue = new TypeValue(JSON_PATCH_TYPE.name);
  readonly fields: ReadonlyMap<string, CelValue>;

  constructor(fields: ReadonlyMap<string, CelValue>) {
    super();
    this.fields = fields;
  }

  get op(): string {
    return this.#text('op');
  }

  get path(): string {
    return this.#text('path');
  }

  get from(): string {
    return this.#text('from');
  }

  /** Undefined if it was not given. */
  get value(): CelValue | undefined {
    return this.fields.get('value');
  }

  equals(other: CelValue): boolean | CelError {
    if (!(other instanceof JsonPatchValue)) return false;
    if (this.op !== other.op || this.from !== other.from || this.path !== other.path) return false;
    if (this.value === undefined || other.value === undefined) return this.value === other.value;
    return equalValues(this.value, other.value);
  }

  override get hasFields(): boolean {
    return true;
  }

  override field(name: string): CelValue | undefined {
    return name === 'value' || this.fields.get(name) !== '' ? this.fields.get(name) : undefined;
  }

  #text(name: string): string {
    const value = this.fields.get(name);
    return typeof value === 'string' ? value : '';
  }
}

/** Objects within an object must be named by their path: `Object.spec.template{…}`. Says what is not. */
export function misnamedObjects(value: CelValue, path = 'Object'): string[] {
  if (value instanceof ObjectLiteral) {
    const { name } = value.type;
    const own =
      name === path
        ? []
        : [`unexpected type name "${name}", expected "${path}", which matches field name path from root Object type`];
    return [...own, ...[...value.fields].flatMap(([field, inner]) => misnamedObjects(inner, `${path}.${field}`))];
  }
  if (value instanceof ListValue) return [...value].flatMap((element) => misnamedObjects(element, path));
  if (value instanceof MapValue) return [...value.keys()].flatMap((key) => misnamedObjects(value.find(key)!, path));
  return [];
}

function sameFields(a: ReadonlyMap<string, CelValue>, b: ReadonlyMap<string, CelValue>): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, value]) => b.has(name) && equalValues(value, b.get(name)!) === true);
}
