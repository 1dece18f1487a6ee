import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  objectType,
  STRING,
  TIMESTAMP,
} from '../type.ts';
import type { SizeRange } from '../cost-range.ts';
import { escapeName, isReserved } from './escape.ts';
import { type Schema, valueSchema, withTypeAndObjectMeta } from './schema.ts';

/** No request is larger, so no value is. */
const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
/** Without the quotes or brackets around it. */
const MAX_VALUE_BYTES = MAX_REQUEST_BYTES - 2;

/** The type that expressions see of a schema, with what bounds the sizes of its values. */
export interface DeclaredType {
  readonly type: CelType;
  /** Of the smallest value as JSON, in bytes: so many of them can be in a request at most. */
  readonly minSize: number;
  /** Characters, bytes, elements or entries. 0 for what has none. */
  readonly maxElements: number;
  /** Of an object, by their escaped names. */
  readonly fields?: ReadonlyMap<string, DeclaredType>;
  /** Of a map. */
  readonly key?: DeclaredType;
  /** Of a list's elements or a map's values. */
  readonly element?: DeclaredType;
}

/** How a schema is declared. */
export interface DeclareOptions {
  /** The name of the type of the outermost object; those in it are named by their paths. */
  readonly name: string;
  /** It is a whole resource: its kind, apiVersion and names are there although the schema does not name them. */
  readonly isResource?: boolean;
}

/** The type of a schema; undefined for what expressions do not see. */
export function declareType(schema: Schema, options: DeclareOptions): DeclaredType | undefined {
  return declare(schema, options.name, options.isResource ?? false);
}

/** How often at most a value that large can be in one request. */
export function maxCardinality({ minSize }: DeclaredType): number {
  return Math.floor(MAX_REQUEST_BYTES / (minSize + 1));
}

function declare(schema: Schema, name: string, isResource: boolean): DeclaredType | undefined {
  if (schema['x-kubernetes-int-or-string'])
    return { type: DYN, minSize: 1, maxElements: maxBytes(schema) ?? MAX_VALUE_BYTES };
  switch (schema.type) {
    case 'array':
      return declareList(schema, name);
    case 'object':
      return declareObject(isResource ? withTypeAndObjectMeta(schema) : schema, name);
    case 'string':
      return declareText(schema);
    case 'boolean':
      return { type: BOOL, minSize: 4, maxElements: 0 };
    case 'number':
      return { type: DOUBLE, minSize: 1, maxElements: 0 };
    case 'integer':
      return { type: INT, minSize: 1, maxElements: 0 };
    default:
      return undefined;
  }
}

function declareInner(schema: Schema, name: string): DeclaredType | undefined {
  return declare(schema, name, schema['x-kubernetes-embedded-resource'] ?? false);
}

function declareList({ items, maxItems }: Schema, name: string): DeclaredType | undefined {
  const element = items && declareInner(items, `${name}.@idx`);
  if (element === undefined) return undefined;
  const most = Math.floor(MAX_VALUE_BYTES / (element.minSize + 1));
  return { type: listType(element.type), minSize: 2, maxElements: atLeastZero(maxItems) ?? most, element };
}

function declareObject(schema: Schema, name: string): DeclaredType | undefined {
  const values = valueSchema(schema);
  if (values === undefined) return declareStruct(schema, name);
  const element = declareInner(values, `${name}.@elem`);
  if (element === undefined) return undefined;
  // Besides the value an entry has quotes, a colon, a comma and a key.
  const most = Math.floor(MAX_VALUE_BYTES / (element.minSize + 6));
  const maxElements = atLeastZero(schema.maxProperties) ?? most;
  return { type: mapType(STRING, element.type), minSize: 2, maxElements, key: MAP_KEY, element };
}

function declareStruct({ properties = {}, required = [] }: Schema, name: string): DeclaredType {
  const fields = new Map<string, DeclaredType>();
  let minSize = 2;
  for (const [property, schema] of Object.entries(properties)) {
    const escaped = escapeName(property);
    const field = declareInner(schema, `${name}.${escaped ?? property}`);
    if (field === undefined) continue;
    if (escaped !== undefined) fields.set(escaped, field);
    const mustBeSent = required.includes(property) && (schema.default ?? null) === null;
    if (mustBeSent) minSize += Buffer.byteLength(property) + field.minSize + 4;
  }
  return { type: objectType(name, (field) => findField(fields, field)), minSize, maxElements: 0, fields };
}

/** A field named as a reserved word may also be selected unescaped. */
function findField(fields: ReadonlyMap<string, DeclaredType>, name: string): DeclaredType | undefined {
  return fields.get(name) ?? (isReserved(name) ? fields.get(`__${name}__`) : undefined);
}

/** Keys have no bound of their own. */
const MAP_KEY: DeclaredType = { type: STRING, minSize: 2, maxElements: 0 };

function declareText(schema: Schema): DeclaredType {
  switch (schema.format) {
    case 'byte':
      return { type: BYTES, minSize: 2, maxElements: atLeastZero(schema.maxLength) ?? MAX_VALUE_BYTES };
    case 'duration':
      return { type: DURATION, minSize: 3, maxElements: 32 };
    case 'date':
      return { type: TIMESTAMP, minSize: 12, maxElements: 12 };
    case 'date-time':
      return { type: TIMESTAMP, minSize: 21, maxElements: 32 };
    default:
      return { type: STRING, minSize: 2, maxElements: maxBytes(schema) ?? longestOf(schema.enum) ?? MAX_VALUE_BYTES };
  }
}

/** The schema counts characters, of which each may be four bytes. */
function maxBytes({ maxLength }: Schema): number | undefined {
  const length = atLeastZero(maxLength);
  return length === undefined ? undefined : length * 4;
}

function longestOf(values: Schema['enum']): number | undefined {
  if (values === undefined || values.length === 0) return undefined;
  return Math.max(...values.map((value) => (typeof value === 'string' ? Buffer.byteLength(value) : 0)));
}

function atLeastZero(limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : Math.max(0, limit);
}

/** Bounds the sizes of what paths from a variable of a declared type lead to, for estimates of costs. */
export function sizesOf(root: DeclaredType): (path: readonly string[]) => SizeRange | undefined {
  return (path) => {
    let at: DeclaredType | undefined = root;
    for (const step of path.slice(1)) {
      if (step === '@items' || step === '@values') at = at.element;
      else at = step === '@keys' ? at.key : at.fields?.get(step);
      if (at === undefined) return undefined;
    }
    return { min: 0, max: at.maxElements };
  };
}
