import {
  compileRegexp,
  type FieldError,
  forbidden,
  invalid,
  jsonEqual,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';

/** Where in an object a schema stands. */
type Level = 'root' | 'item' | 'field';

const intOrString = [{ type: 'integer' }, { type: 'string' }];
const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

/**
 * The ways in which a schema is not structural: it must say the type of every part of an object, and logic (`allOf`,
 * `not`, …) may only restrict what is specified. Sorted by text, as kube-apiserver sorts them.
 */
export function structuralErrors(schema: Loose, path: Path): FieldError[] {
  const errors: FieldError[] = [];
  checkPart(schema, 'root', path, errors);
  checkComplete(schema, schema, path, path, errors);
  const text = (error: FieldError) => `${error.field}: ${error.message}`;
  return errors.sort((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}

function checkPart(schema: Loose, level: Level, path: Path, errors: FieldError[]): void {
  if (!schema) return;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const properties: Record<string, Loose> = schema.properties ?? {};
  if (schema.type === 'array' && !schema.items) errors.push(requiredError(path.child('items'), 'must be specified'));
  checkPart(schema.items, 'item', path.child('items'), errors);
  for (const [key, part] of Object.entries(properties)) {
    checkPart(part, 'field', path.child('properties').key(key), errors);
  }
  checkAdditional(schema, level, embedded, path.child('additionalProperties'), errors);
  checkExtensions(schema, path, errors);
  checkLogic(schema, path, errors);
  checkType(schema, level, embedded, path, errors);
  checkMetaFields(properties, level === 'root' || embedded, level, path, errors);
  if (embedded && !schema['x-kubernetes-preserve-unknown-fields'] && Object.keys(properties).length === 0) {
    const detail =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(requiredError(path.child('properties'), detail));
  }
}

function checkAdditional(schema: Loose, level: Level, embedded: boolean, path: Path, errors: FieldError[]): void {
  const { additionalProperties: additional } = schema;
  if (additional === undefined || additional === null) return;
  if (level === 'root') errors.push(forbidden(path, 'must not be used at the root'));
  if (typeof additional === 'object') checkPart(additional, 'field', path, errors);
  if (embedded) errors.push(forbidden(path, 'must not be used if x-kubernetes-embedded-resource is set'));
}

function checkExtensions(schema: Loose, path: Path, errors: FieldError[]): void {
  if (!schema['x-kubernetes-int-or-string']) return;
  for (const extension of ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource']) {
    if (!schema[extension]) continue;
    errors.push(invalid(path.child(extension), true, 'must be false if x-kubernetes-int-or-string is true'));
  }
}

function checkType(schema: Loose, level: Level, embedded: boolean, path: Path, errors: FieldError[]): void {
  const type: string = schema.type ?? '';
  const at = path.child('type');
  if (embedded && type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? requiredError(at, detail) : invalid(at, type, detail));
  } else if (type === '' && !isUntyped(schema)) errors.push(requiredError(at, missingType[level]));
  if (level === 'root' && type !== '' && type !== 'object')
    errors.push(invalid(at, type, 'must be object at the root'));
}

function isUntyped(schema: Loose): boolean {
  return schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
}

/** kind, apiVersion and metadata are as in all objects; of the root's metadata only names may be restricted. */
function checkMetaFields(
  properties: Record<string, Loose>,
  whole: boolean,
  level: Level,
  path: Path,
  errors: FieldError[],
) {
  for (const field of whole ? ['kind', 'apiVersion'] : []) {
    const type = properties[field]?.type ?? '';
    const at = path.child('properties').key(field).child('type');
    if (properties[field] && type !== 'string') errors.push(invalid(at, type, 'must be string'));
  }
  const { metadata } = properties;
  if (!metadata) return;
  const at = path.child('properties').key('metadata');
  if (whole && metadata.type !== 'object')
    errors.push(invalid(at.child('type'), metadata.type ?? '', 'must be object'));
  if (level !== 'root' || restrictsOnlyNames(metadata)) return;
  const detail = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  errors.push(forbidden(at, detail));
}

function restrictsOnlyNames({ type: _, default: _default, properties, ...rest }: Loose): boolean {
  const others = Object.keys(properties ?? {}).filter((key) => key !== 'name' && key !== 'generateName');
  return others.length === 0 && Object.keys(rest).length === 0;
}

/** `anyOf: [{type: integer}, {type: string}]` may stand with x-kubernetes-int-or-string, also in the first `allOf`. */
function checkLogic(schema: Loose, path: Path, errors: FieldError[]): void {
  const parts = { ...schema };
  if (jsonEqual(schema.anyOf ?? null, intOrString)) delete parts.anyOf;
  const inFirst = jsonEqual(schema.allOf?.[0]?.anyOf ?? null, intOrString);
  checkJunctors(parts, inFirst, path, errors);
}

function checkJunctors(schema: Loose, skipFirst: boolean, path: Path, errors: FieldError[]): void {
  for (const junctor of ['anyOf', 'allOf', 'oneOf']) {
    ((schema[junctor] ?? []) as Loose[]).forEach((part, i) => {
      const shown = skipFirst && junctor === 'allOf' && i === 0 ? { ...part, anyOf: undefined } : part;
      checkNested(shown, path.child(junctor).index(i), errors);
    });
  }
  checkNested(schema.not, path.child('not'), errors);
  const fault = patternFault(schema.pattern ?? '');
  if (fault !== undefined) {
    const detail = `must be a valid regular expression, but isn't: ${fault}`;
    errors.push(invalid(path.child('pattern'), schema.pattern, detail));
  }
}

function patternFault(pattern: string): string | undefined {
  if (pattern === '') return undefined;
  try {
    compileRegexp(pattern);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What logic must not say, with the text that says so. */
const forbiddenInLogic: readonly (readonly [field: string, state: string])[] = [
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

function checkNested(schema: Loose, path: Path, errors: FieldError[]): void {
  if (!schema) return;
  checkJunctors(schema, false, path, errors);
  checkNested(schema.items, path.child('items'), errors);
  for (const [key, part] of Object.entries(schema.properties ?? {})) {
    checkNested(part, path.child('properties').key(key), errors);
  }
  if (schema.type) errors.push(forbidden(path.child('type'), 'must be empty to be structural'));
  if ((schema.additionalProperties ?? null) !== null) {
    errors.push(forbidden(path.child('additionalProperties'), 'must be undefined to be structural'));
  }
  for (const [field, state] of forbiddenInLogic) {
    const value = schema[field] ?? null;
    if (value === null || value === '' || value === false || value.length === 0) continue;
    errors.push(forbidden(path.child(field), `must be ${state} to be structural`));
  }
  if (schema.properties?.metadata) {
    const at = path.child('properties').key('metadata');
    errors.push(forbidden(at, 'must not be specified in a nested context'));
  }
}

/** Whatever logic speaks of must be specified. */
function checkComplete(logic: Loose, schema: Loose, path: Path, logicPath: Path, errors: FieldError[]): void {
  const nested: [Loose, Path][] = [[logic.not, logicPath.child('not')]];
  for (const junctor of ['allOf', 'anyOf', 'oneOf']) {
    ((logic[junctor] ?? []) as Loose[]).forEach((part, i) => nested.push([part, logicPath.child(junctor).index(i)]));
  }
  for (const [part, at] of nested) if (part) checkCompletePart(part, schema, path, at, errors);
}

function checkCompletePart(part: Loose, schema: Loose, path: Path, partPath: Path, errors: FieldError[]): void {
  if (!schema) {
    errors.push(requiredError(path, `because it is defined in ${partPath}`));
    return;
  }
  checkComplete(part, schema, path, partPath, errors);
  if (part.items) checkCompletePart(part.items, schema.items, path.child('items'), partPath.child('items'), errors);
  for (const [key, field] of Object.entries(part.properties ?? {})) {
    const [at, fieldAt] = [path.child('properties').key(key), partPath.child('properties').key(key)];
    checkCompletePart(field, schema.properties?.[key], at, fieldAt, errors);
  }
}
