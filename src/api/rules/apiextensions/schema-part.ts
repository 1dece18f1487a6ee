import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import type { Loose } from '../rule.ts';
import { findField } from './field-path.ts';
import { listTypeErrors } from './list-type.ts';

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const metaFields = ['metadata', 'kind', 'apiVersion'];
const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** What is known of the place in which a schema stands. */
interface Place {
  /** Gets the schemas in which nothing is wrong. */
  readonly clean: Set<Loose>;
  readonly root?: boolean;
  /** Why no default may be set here. */
  readonly noDefaults?: string;
  /** Within kind, apiVersion or metadata of a whole object. */
  readonly inMeta?: boolean;
}

/** Checks of each schema by itself, parents first. `clean` are the schemas in which nothing is wrong, also below. */
export function schemaPartErrors(schema: Loose, path: Path): { errors: FieldError[]; clean: ReadonlySet<Loose> } {
  const errors: FieldError[] = [];
  const clean = new Set<Loose>();
  checkSchema(schema, path, { root: true, clean }, errors);
  return { errors, clean };
}

function checkSchema(schema: Loose, path: Path, place: Place, errors: FieldError[]): void {
  if (typeof schema !== 'object' || schema === null) return;
  const before = errors.length;
  checkWhole(schema, path, place, errors);
  if (errors.length === before) place.clean.add(schema);
}

function checkWhole(schema: Loose, path: Path, place: Place, errors: FieldError[]): void {
  const inner: Place = { ...place, root: false };
  checkSupported(schema, path, place, errors);
  if (schema.uniqueItems) {
    const detail = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(path.child('uniqueItems'), detail));
  }
  checkAdditional(schema, path, inner, errors);
  for (const [name, part] of Object.entries((schema.properties ?? {}) as Record<string, Loose>)) {
    checkSchema(part, path.child('properties').key(name), propertyPlace(schema, name, place), errors);
  }
  checkSchema(schema.not, path.child('not'), inner, errors);
  for (const junctor of ['allOf', 'oneOf', 'anyOf']) {
    ((schema[junctor] ?? []) as Loose[]).forEach((part, i) =>
      checkSchema(part, path.child(junctor).index(i), inner, errors),
    );
  }
  for (const [name, part] of Object.entries(schema.definitions ?? {})) {
    checkSchema(part, path.child('definitions').key(name), inner, errors);
  }
  checkItems(schema.items, path.child('items'), inner, errors);
  for (const [name, part] of Object.entries(schema.dependencies ?? {})) {
    if (!Array.isArray(part)) checkSchema(part, path.child('dependencies').key(name), inner, errors);
  }
  checkExtensions(schema, path, errors);
}

function propertyPlace(schema: Loose, name: string, place: Place): Place {
  const meta = (place.root || schema['x-kubernetes-embedded-resource']) && metaFields.includes(name);
  return {
    ...place,
    root: false,
    ...(meta && { inMeta: true }),
    ...(meta && place.root && { noDefaults: `in top-level ${name}` }),
  };
}

function checkAdditional(schema: Loose, path: Path, place: Place, errors: FieldError[]): void {
  const { additionalProperties: additional, properties } = schema;
  if (additional === undefined || additional === null) return;
  const at = path.child('additionalProperties');
  if (Object.keys(properties ?? {}).length > 0 && additional !== true) {
    errors.push(forbidden(at, 'additionalProperties and properties are mutual exclusive'));
  }
  const noDefaults = 'inside additionalProperties applying to object metadata';
  checkSchema(additional, at, place.inMeta ? { ...place, noDefaults } : place, errors);
}

function checkItems(items: Loose, path: Path, place: Place, errors: FieldError[]): void {
  if (Array.isArray(items)) items.forEach((part, i) => checkSchema(part, path.index(i), place, errors));
  else checkSchema(items, path, place, errors);
}

/** What JSON schema has and schemas of definitions have not. */
function checkSupported(schema: Loose, path: Path, place: Place, errors: FieldError[]): void {
  const type: string = schema.type ?? '';
  const refuse = (field: string, detail: string) => errors.push(forbidden(path.child(field), detail));
  const has = (field: string) => (schema[field] ?? null) !== null;
  const filled = (field: string) => Object.keys(schema[field] ?? {}).length > 0;
  if (type !== '' && !types.includes(type)) errors.push(notSupported(path.child('type'), type, types));
  if (has('default') && place.noDefaults !== undefined) refuse('default', `must not be set ${place.noDefaults}`);
  if (schema.id) refuse('id', 'id is not supported');
  if (has('additionalItems')) refuse('additionalItems', 'additionalItems is not supported');
  if (filled('patternProperties')) refuse('patternProperties', 'patternProperties is not supported');
  if (filled('definitions')) refuse('definitions', 'definitions is not supported');
  if (has('dependencies')) refuse('dependencies', 'dependencies is not supported');
  if (has('$ref')) refuse('$ref', '$ref is not supported');
  if (type === 'null') refuse('type', 'type cannot be set to null, use nullable as an alternative');
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    refuse('items', 'items must be a schema object and not an array');
  }
  if (place.inMeta && schema['x-kubernetes-embedded-resource']) {
    refuse('x-kubernetes-embedded-resource', 'must not be used inside of resource meta');
  }
}

function checkExtensions(schema: Loose, path: Path, errors: FieldError[]): void {
  const mapType = schema['x-kubernetes-map-type'] ?? undefined;
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(path.child('x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'));
  }
  if (mapType !== undefined && schema.type !== 'object') {
    const detail = 'must be object if x-kubernetes-map-type is specified';
    errors.push(
      schema.type ? invalid(path.child('type'), schema.type, detail) : requiredError(path.child('type'), detail),
    );
  }
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(path.child('x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  }
  errors.push(...listTypeErrors(schema, path));
  ((schema['x-kubernetes-validations'] ?? []) as Loose[]).forEach((rule, i) =>
    checkValidation(rule, schema, path.child('x-kubernetes-validations').index(i), errors),
  );
}

/** A CEL rule by its form. */
function checkValidation(validation: Loose, schema: Loose, path: Path, errors: FieldError[]): void {
  const { rule = '', message = '', messageExpression = '', fieldPath = '', reason } = validation;
  const lines = (text: string) => /[\n\r]/.test(text);
  const messageAt = path.child('message');
  if (rule.trim() === '') errors.push(requiredError(path.child('rule'), 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    errors.push(invalid(messageAt, message, 'must be non-empty if specified'));
  } else if (lines(message.trim())) errors.push(invalid(messageAt, message, 'must not contain line breaks'));
  else if (lines(rule.trim()) && message.trim() === '') {
    errors.push(requiredError(messageAt, 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    errors.push(requiredError(path.child('messageExpression'), detail));
  }
  if ((reason ?? null) !== null && !reasons.includes(reason)) {
    errors.push(notSupported(path.child('reason'), reason, reasons));
  }
  const at = path.child('fieldPath');
  if (fieldPath !== '' && fieldPath.trim() === '')
    errors.push(invalid(at, fieldPath, 'must be non-empty if specified'));
  if (lines(fieldPath)) errors.push(invalid(at, fieldPath, 'must not contain line breaks'));
  if (fieldPath !== '' && 'fault' in findField(fieldPath, schema, true))
    errors.push(invalid(at, fieldPath, 'must be a valid path'));
}
