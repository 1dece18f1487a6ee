import {
  compileRegexp,
  type FieldError,
  goQuote,
  invalid,
  isJsonObject,
  jsonEqual,
  type JsonObject,
  type JsonValue,
  notSupported,
  required,
  stringifyJson,
  tooLong,
  tooMany,
  typeInvalid,
} from 'nekube/apimachinery';
import { sortKeys } from '../sort-keys.ts';
import type { Correlation } from './correlation.ts';
import { checkNumber } from './number-validation.ts';
import { Outcome } from './outcome.ts';
import { entrySchema, propertyOf, type StructuralSchema } from './schema.ts';
import { checkFormat } from './string-formats.ts';

/** Where and against what a value is checked. */
export interface ValidationOptions {
  /** Where the value stands, in front of all fields; messages name fields without it. */
  readonly at?: string;
  /** The value that is replaced: what is invalid and did not change is accepted. */
  readonly correlation?: Correlation | undefined;
  /** Integers or texts may be anything: so it is of defaults. */
  readonly lenient?: boolean;
}

/** The defects of a value by its schema, with kube-apiserver's words and in its order, maps in their own. */
export function validateBySchema(
  value: JsonValue,
  schema: StructuralSchema,
  { at = '', correlation, lenient = false }: ValidationOptions = {},
): FieldError[] {
  const outcome = new Outcome(at, lenient);
  validate(value, schema, '', outcome, correlation);
  return [...outcome.errors];
}

/** Checks a value; of one that did not change no defect counts. */
function validate(
  value: JsonValue,
  schema: StructuralSchema,
  path: string,
  outcome: Outcome,
  correlation: Correlation | undefined,
): void {
  if (outcome.isFull) return;
  const before = outcome.errors.length;
  checkValue(value, schema, path, outcome, correlation);
  if (outcome.errors.length > before && correlation?.isUnchanged()) outcome.forget(before);
}

/** The checks, which are counted where they apply, since the best of alternatives is the one with the most. */
function checkValue(
  value: JsonValue,
  schema: StructuralSchema,
  path: string,
  outcome: Outcome,
  correlation: Correlation | undefined,
): void {
  const format = formatOf(schema, outcome);
  if (value === null) {
    checkNull(schema, path, outcome);
    checkEnum(value, schema, path, outcome);
    return;
  }
  if (typesOf(schema, outcome).length > 0 || format !== '') {
    checkType(value, schema, format, path, outcome);
    outcome.matched();
  }
  checkLogic(value, schema, path, outcome);
  outcome.matched();
  if (typeof value === 'string') {
    checkText(value, schema, path, outcome);
    outcome.matched();
    const hasFormat = format === '' ? undefined : checkFormat(format);
    if (hasFormat !== undefined) {
      if (!hasFormat(value)) outcome.add(wrongType(outcome.name(path), path, format, value));
      outcome.matched();
    }
  } else if (isNumber(value)) {
    checkNumber(value, schema, format, path, outcome);
    outcome.matched();
  } else if (Array.isArray(value)) {
    checkList(value, schema, path, outcome, correlation);
    outcome.matched();
  }
  checkEnum(value, schema, path, outcome);
  outcome.matched();
  if (isJsonObject(value)) {
    checkObject(value, schema, path, outcome, correlation);
    outcome.matched();
  }
  outcome.matched();
}

function isNumber(value: JsonValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function typesOf(schema: StructuralSchema, { lenient }: Outcome): readonly string[] {
  if (schema['x-kubernetes-int-or-string']) return lenient ? [] : INT_OR_STRING;
  return schema.type ? [schema.type] : [];
}

const INT_OR_STRING = ['integer', 'string'];

/** The format, if it is one that is known for the type. */
function formatOf(schema: StructuralSchema, outcome: Outcome): string {
  const { format = '' } = schema;
  if (format === '') return '';
  const types = typesOf(schema, outcome);
  const type = types.length === 1 ? types[0] : '';
  const known =
    type === 'integer'
      ? format === 'int32' || format === 'int64'
      : type === 'number'
        ? format === 'float' || format === 'double'
        : (type === '' || type === 'string') && checkFormat(format) !== undefined;
  return known ? format : '';
}

function checkNull(schema: StructuralSchema, path: string, outcome: Outcome): void {
  const types = typesOf(schema, outcome);
  if (types.length > 0 && !schema.nullable) outcome.add(wrongType(outcome.name(path), path, types.join(','), 'null'));
  else outcome.matched();
}

/** What Go's decoder makes of a JSON value: a whole number is an int64. */
function kindOf(value: JsonValue): { readonly type: string; readonly format: string } {
  if (Array.isArray(value)) return { type: 'array', format: '' };
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return { type: 'integer', format: 'int64' };
  if (typeof value === 'number') return { type: 'number', format: 'float64' };
  return { type: typeof value, format: '' };
}

/** Lists and texts of a format are not looked at for their type, only by the format. */
function checkType(value: JsonValue, schema: StructuralSchema, format: string, path: string, outcome: Outcome): void {
  const types = typesOf(schema, outcome);
  const kind = kindOf(value);
  const isWhole = Number.isSafeInteger(value) && types.includes('integer');
  const fits = types.includes(kind.type) || isWhole || (kind.type === 'integer' && types.includes('number'));
  const isText = typeof value === 'string' || Array.isArray(value);
  if (format !== '' && !isText && !fits && kind.format !== format) {
    outcome.add(wrongType(outcome.name(path), path, format, kind.format));
    return;
  }
  const numeric = types.includes('number') || types.includes('integer');
  const judgedByFormat = !numeric && format !== '' && isText;
  if (judgedByFormat || fits) outcome.matched();
  else outcome.add(wrongType(outcome.name(path), path, types.join(','), kind.type));
}

function wrongType(field: string | undefined, path: string, wanted: string, found: string): FieldError {
  return typeInvalid(field ?? '<nil>', found, `${path} in body must be of type ${wanted}: ${goQuote(found)}`);
}

/** Only the first defect of a text is told. */
function checkText(value: string, schema: StructuralSchema, path: string, outcome: Outcome): void {
  const { minLength, maxLength, pattern } = schema;
  const field = outcome.name(path) ?? '<nil>';
  if (isSet(maxLength) && lengthOf(value) > maxLength) outcome.add(tooLong(field, maxLength));
  else if (isSet(minLength) && lengthOf(value) < minLength)
    outcome.add(invalid(field, value, `${path} in body should be at least ${minLength} chars long`));
  else if (pattern) checkPattern(value, pattern, path, outcome);
}

function isSet<T>(value: T | undefined | null): value is T {
  return value !== undefined && value !== null;
}

/** In characters (Unicode code points). */
function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

function checkPattern(value: string, pattern: string, path: string, outcome: Outcome): void {
  let shown = pattern;
  try {
    if (compileRegexp(pattern).test(value)) return;
  } catch (error) {
    shown = `${pattern}, but pattern is invalid: ${(error as Error).message}`;
  }
  outcome.add(invalid(outcome.name(path) ?? '<nil>', value, `${path} in body should match '${shown}'`));
}

function checkEnum(value: JsonValue, schema: StructuralSchema, path: string, outcome: Outcome): void {
  const allowed = schema.enum ?? [];
  if (allowed.length === 0 || outcome.isFull) return;
  if (typeof value === 'string' ? textsOf(allowed).has(value) : allowed.some((one) => isConvertible(value, one)))
    return;
  const shown = allowed.map((one) => (typeof one === 'string' ? one : stringifyJson(sortKeys(one))));
  outcome.add(notSupported(outcome.name(path) ?? '<nil>', sortKeys(value), shown));
}

const allowedTexts = new WeakMap<readonly JsonValue[], ReadonlySet<JsonValue>>();

/** The values of an enum to look a text up in: a list of many texts is checked against an enum of many in linear time. */
function textsOf(allowed: readonly JsonValue[]): ReadonlySet<JsonValue> {
  let texts = allowedTexts.get(allowed);
  if (texts === undefined) allowedTexts.set(allowed, (texts = new Set(allowed)));
  return texts;
}

/** Go converts the value to the type of the one that is allowed: a number is cut, or is a character's. */
function isConvertible(value: JsonValue, allowed: JsonValue): boolean {
  if (value === null || allowed === null) return false;
  if (isNumber(value) && isNumber(allowed)) {
    const isWhole = typeof allowed === 'bigint' || Number.isInteger(allowed);
    return isWhole && typeof value === 'number'
      ? Math.trunc(value) === Number(allowed)
      : String(value) === String(allowed);
  }
  if (typeof allowed === 'string' && kindOf(value).type === 'integer') {
    const code = Number(value);
    return allowed === (code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd');
  }
  return jsonEqual(value, allowed);
}

function checkList(
  list: readonly JsonValue[],
  schema: StructuralSchema,
  path: string,
  outcome: Outcome,
  correlation: Correlation | undefined,
): void {
  const { items, minItems, maxItems } = schema;
  if (items) list.forEach((item, i) => validate(item, items, `${path}[${i}]`, outcome, correlation?.index(i)));
  const field = outcome.name(path) ?? '<nil>';
  if (isSet(minItems) && list.length < minItems)
    outcome.add(invalid(field, list.length, `${path} in body should have at least ${minItems} items`));
  if (isSet(maxItems) && list.length > maxItems) outcome.add(tooMany(field, list.length, maxItems));
  if (schema.uniqueItems && list.some((item, i) => list.slice(0, i).some((other) => jsonEqual(item, other))))
    outcome.add(invalid(field, '', `${path} in body shouldn't contain duplicates`));
  outcome.matched();
}

function checkObject(
  object: JsonObject,
  schema: StructuralSchema,
  path: string,
  outcome: Outcome,
  correlation: Correlation | undefined,
): void {
  checkSize(object, schema, path, outcome);
  const more = schema.additionalProperties;
  const entries = entrySchema(schema);
  for (const [key, value] of Object.entries(object)) {
    if (propertyOf(schema, key) !== undefined) continue;
    if (more === false)
      outcome.add(invalid(outcome.name(path) ?? '<nil>', key, `${path}.${key} in body is a forbidden property`));
    else if (entries) validate(value, entries, `${path}.${key}`, outcome, childOf(correlation, path, key));
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (!Object.hasOwn(object, key)) continue;
    const below = path === '' ? key : `${path}.${key}`;
    validate(object[key]!, property, below, outcome, childOf(correlation, path, key));
  }
  for (const key of schema.required ?? [])
    if (!Object.hasOwn(object, key)) outcome.add(required(outcome.name(`${path}.${key}`) ?? '<nil>'));
}

/** kind and apiVersion of the whole object are checked whatever they were. */
function childOf(correlation: Correlation | undefined, path: string, key: string): Correlation | undefined {
  return path === '' && (key === 'kind' || key === 'apiVersion') ? undefined : correlation?.key(key);
}

function checkSize(object: JsonObject, schema: StructuralSchema, path: string, outcome: Outcome): void {
  const count = Object.keys(object).length;
  const { minProperties, maxProperties } = schema;
  const field = outcome.name(path) ?? '<nil>';
  if (isSet(minProperties) && count < minProperties)
    outcome.add(invalid(field, count, `${path} in body should have at least ${minProperties} properties`));
  if (isSet(maxProperties) && count > maxProperties) outcome.add(tooMany(field, count, maxProperties));
}

/** anyOf, oneOf, allOf and not, in this order. Within them everything is checked, changed or not. */
function checkLogic(value: JsonValue, schema: StructuralSchema, path: string, outcome: Outcome): void {
  const { anyOf = [], oneOf = [], allOf = [], not } = schema;
  if (anyOf.length > 0) checkAnyOf(value, anyOf, path, outcome);
  if (oneOf.length > 0) checkOneOf(value, oneOf, path, outcome);
  if (allOf.length > 0) checkAllOf(value, allOf, path, outcome);
  if (not && alternative(value, not, path, outcome).isValid)
    outcome.addText(`${goQuote(path)} must not validate the schema (not)`);
  outcome.matched();
}

function alternative(value: JsonValue, schema: StructuralSchema, path: string, outcome: Outcome): Outcome {
  const own = outcome.fresh();
  checkValue(value, schema, path, own, undefined);
  return own;
}

function checkAnyOf(value: JsonValue, schemas: readonly StructuralSchema[], path: string, outcome: Outcome): void {
  let best: Outcome | undefined;
  for (const schema of schemas) {
    const found = alternative(value, schema, path, outcome);
    if (found.isValid) return outcome.merge(found);
    if (best === undefined || found.matches > best.matches) best = found;
  }
  outcome.addText(`${goQuote(path)} must validate at least one schema (anyOf)`);
  outcome.merge(best!);
}

function checkOneOf(value: JsonValue, schemas: readonly StructuralSchema[], path: string, outcome: Outcome): void {
  const found = schemas.map((schema) => alternative(value, schema, path, outcome));
  const valid = found.filter((one) => one.isValid);
  if (valid.length === 1) return outcome.merge(valid[0]!);
  const why = valid.length === 0 ? 'Found none valid' : `Found ${valid.length} valid alternatives`;
  outcome.addText(`${goQuote(path)} must validate one and only one schema (oneOf). ${why}`);
  if (valid.length > 0) return;
  outcome.merge(found.reduce((best, one) => (one.matches > best.matches ? one : best)));
}

function checkAllOf(value: JsonValue, schemas: readonly StructuralSchema[], path: string, outcome: Outcome): void {
  let valid = 0;
  for (const schema of schemas) {
    const found = alternative(value, schema, path, outcome);
    if (found.isValid) valid++;
    outcome.merge(found);
  }
  if (valid === schemas.length) return;
  const why = valid === 0 ? '. None validated' : '';
  outcome.addText(`${goQuote(path)} must validate all the schemas (allOf)${why}`);
}
