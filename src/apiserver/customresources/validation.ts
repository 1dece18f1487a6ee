import {
  type FieldError,
  invalid,
  isJsonObject,
  jsonEqual,
  type JsonObject,
  type JsonValue,
  notSupported,
  Path,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from 'nekube/apimachinery';
import { fieldSchema, type StructuralSchema } from './structural.ts';

/** The defects of a custom resource by its schema, with kube-apiserver's words. */
export function validateBySchema(object: JsonObject, schema: StructuralSchema): FieldError[] {
  const errors: FieldError[] = [];
  checkObject(object, schema, undefined, errors);
  return errors;
}

function check(value: JsonValue, schema: StructuralSchema, path: Path, errors: FieldError[]): void {
  if (value === null) {
    if (!schema.nullable && schema.type !== undefined) errors.push(wrongType(path, value, schema.type));
    return;
  }
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof value !== 'string' && !isInteger(value)) errors.push(wrongType(path, value, 'integer,string'));
  } else if (schema.type !== undefined && !hasType(value, schema.type)) {
    errors.push(schema.format ? wrongFormat(path, value, schema.format) : wrongType(path, value, schema.type));
    if (isNumber(value)) checkRange(value, schema, path, errors);
    return;
  }
  if (schema.enum && !schema.enum.some((allowed) => jsonEqual(allowed, value)))
    errors.push(
      notSupported(
        path,
        value,
        schema.enum.map((v) => (typeof v === 'string' ? v : JSON.stringify(v))),
      ),
    );
  if (typeof value === 'string') checkText(value, schema, path, errors);
  else if (isNumber(value)) checkNumber(value, schema, path, errors);
  else if (Array.isArray(value)) checkList(value, schema, path, errors);
  else if (isJsonObject(value)) checkObject(value, schema, path, errors);
}

/** What Go reads as a float is an integer as far as a float holds integers exactly. */
function isInteger(value: JsonValue): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function hasType(value: JsonValue, type: string): boolean {
  switch (type) {
    case 'integer':
      return isInteger(value);
    case 'number':
      return isNumber(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      return typeof value === type;
  }
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isInteger(value)) return 'integer';
  return typeof value;
}

function wrongType(path: Path, value: JsonValue, wanted: string): FieldError {
  const name = typeName(value);
  return typeInvalid(path, name, `${path} in body must be of type ${wanted}: "${name}"`);
}

/** A value whose type is not that of its format; of numbers the format that they have is told. */
function wrongFormat(path: Path, value: JsonValue, wanted: string): FieldError {
  if (typeof value === 'string' || Array.isArray(value)) return wrongType(path, value, wanted);
  const format = !isNumber(value) ? '' : isInteger(value) ? 'int64' : 'float64';
  return typeInvalid(path, format, `${path} in body must be of type ${wanted}: "${format}"`);
}

const INT32 = 2n ** 31n;

/** Numbers must fit the size that an integer's format names; a value that is none says so a second time. */
function checkRange(
  value: number | bigint,
  { type, format }: StructuralSchema,
  path: Path,
  errors: FieldError[],
): void {
  if (type !== 'integer') return;
  const whole = isInteger(value) ? BigInt(value) : undefined;
  const fits = whole !== undefined && (format !== 'int32' || (whole >= -INT32 && whole < INT32));
  if (fits) return;
  const wanted = format ? `with format ${format}` : '(default format)';
  errors.push(invalid('<nil>', '', `Checked value must be of type integer ${wanted} in ${path}`));
}

function checkText(value: string, schema: StructuralSchema, path: Path, errors: FieldError[]): void {
  const length = [...value].length;
  if (schema.maxLength !== undefined && length > schema.maxLength) errors.push(tooLong(path, schema.maxLength));
  if (schema.minLength !== undefined && length < schema.minLength)
    errors.push(invalid(path, value, `${path} in body should be at least ${schema.minLength} chars long`));
}

function checkNumber(value: number | bigint, schema: StructuralSchema, path: Path, errors: FieldError[]): void {
  const { minimum, maximum } = schema;
  checkRange(value, schema, path, errors);
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum))
    errors.push(
      invalid(
        path,
        value,
        `${path} in body should be less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`,
      ),
    );
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum))
    errors.push(
      invalid(
        path,
        value,
        `${path} in body should be greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`,
      ),
    );
}

function checkList(list: JsonValue[], schema: StructuralSchema, path: Path, errors: FieldError[]): void {
  if (schema.maxItems !== undefined && list.length > schema.maxItems)
    errors.push(tooMany(path, list.length, schema.maxItems));
  if (schema.minItems !== undefined && list.length < schema.minItems)
    errors.push(invalid(path, list.length, `${path} in body should have at least ${schema.minItems} items`));
  if (schema.items) list.forEach((item, i) => check(item, schema.items!, path.index(i), errors));
}

function checkObject(object: JsonObject, schema: StructuralSchema, path: Path | undefined, errors: FieldError[]): void {
  const child = (key: string) => (path === undefined ? Path.of(key) : path.child(key));
  for (const name of schema.required ?? []) if (!Object.hasOwn(object, name)) errors.push(required(child(name)));
  const count = Object.keys(object).length;
  if (path !== undefined && schema.maxProperties !== undefined && count > schema.maxProperties)
    errors.push(tooMany(path, count, schema.maxProperties));
  for (const [key, value] of Object.entries(object)) {
    if (path === undefined && key === 'metadata') continue;
    const known = fieldSchema(schema, key);
    if (known === undefined) continue;
    const named = schema.properties && Object.hasOwn(schema.properties, key);
    check(value, known, named || path === undefined ? child(key) : path.key(key), errors);
  }
}
