import type { ResourceRules, WriteRules } from 'nekube/api';
import {
  type FieldError,
  formatGoValue,
  goQuote,
  invalid,
  isQualifiedName,
  jsonEqual,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  nameIsDnsSubdomain,
} from 'nekube/apimachinery';
import { Correlation } from './correlation.ts';
import type { Definition, DefinitionVersion } from './definition.ts';
import { compileJsonPath, fieldsOfPath } from './json-path.ts';
import { validateListTypes } from './list-type.ts';
import { validateEmbedded } from './object-meta.ts';
import type { RuleTree } from './rule-tree.ts';
import { checkScaleSpec, checkScaleStatus } from './scale.ts';
import { propertyOf, type StructuralSchema } from './schema.ts';
import { validateBySchema } from './validation.ts';

type Warn = (text: string) => void;

/** What the rules of a version are made of. */
export interface StrategyParts {
  readonly definition: Definition;
  readonly version: DefinitionVersion;
  readonly schema: StructuralSchema;
  /** The rules in CEL; undefined where there are none. */
  readonly rules: RuleTree | undefined;
}

/** How objects of a version are written: what kube-apiserver's strategy for custom resources does. */
export function strategyOf(parts: StrategyParts): ResourceRules {
  const { definition, version } = parts;
  const { status, scale } = version.subresources ?? {};
  const apiVersion = `${definition.spec.group}/${version.name}`;
  const selectable = (version.selectableFields ?? []).map(({ jsonPath }) => ({
    name: jsonPath.replace(/^\./, ''),
    read: compileJsonPath(jsonPath),
  }));
  const typeMeta = (object: KubeObject) => validateTypeMeta(object, definition.spec.names.kind, apiVersion);
  return {
    nameCheck: nameIsDnsSubdomain,
    allowUnconditionalUpdate: false,
    knownFinalizers: false,
    validateTypeMeta: typeMeta,
    prepareForCreate(object) {
      if (status) delete object.status;
      object.metadata.generation = 1;
    },
    prepareForUpdate(object, old) {
      if (status) takeOverStatus(object, old);
      if (!jsonEqual(without(object, 'metadata'), without(old, 'metadata')))
        object.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
    },
    validate: (object) => validateCreate(object, parts),
    validateUpdate: (object, old, warn) => validateUpdate(object, old, parts, warn),
    warnings: finalizerWarnings,
    ...(status && { resetFields: [['status']], subresources: { status: statusRules(parts, typeMeta) } }),
    ...(scale && {
      scale: {
        replicas: fieldsOfPath(scale.specReplicasPath).join('.'),
        statusReplicas: fieldsOfPath(scale.statusReplicasPath).join('.'),
        selector: fieldsOfPath(scale.labelSelectorPath ?? '').join('.'),
      },
    }),
    ...(selectable.length > 0 && {
      selectableFields: (object) =>
        Object.fromEntries(
          selectable.map(({ name, read }) => [name, textOf(read(object as unknown as JsonValue)?.[0])]),
        ),
    }),
  };
}

/** An object of another kind or version is refused for that alone. */
function validateTypeMeta(object: KubeObject, kind: string, apiVersion: string): FieldError[] {
  const errors: FieldError[] = [];
  if (object.kind !== kind) errors.push(invalid('kind', object.kind ?? '', `must be ${kind}`));
  if (object.apiVersion !== apiVersion)
    errors.push(invalid('apiVersion', object.apiVersion ?? '', `must be ${apiVersion}`));
  return errors;
}

function validateCreate(object: KubeObject, { version, schema, rules }: StrategyParts): FieldError[] {
  const value = object as unknown as JsonObject;
  const { scale } = version.subresources ?? {};
  const errors = [
    ...validateBySchema(value, schema),
    ...checkScaleSpec(object, scale),
    ...checkScaleStatus(object, scale),
    ...validateEmbedded(value, schema),
    ...validateListTypes(value, schema),
  ];
  return rules ? [...errors, ...afterOthers(errors, () => rules.validate(value))] : errors;
}

/** Whatever did not change may stay as invalid as it is. */
function validateUpdate(object: KubeObject, old: KubeObject, parts: StrategyParts, warn?: Warn): FieldError[] {
  const { version, schema, rules } = parts;
  const [value, oldValue] = [object as unknown as JsonObject, old as unknown as JsonObject];
  const correlation = new Correlation(value, oldValue, schema);
  const { scale } = version.subresources ?? {};
  const errors = [
    ...validateBySchema(value, schema, { correlation }),
    ...checkScaleSpec(object, scale),
    ...checkScaleStatus(object, scale),
    ...validateEmbedded(value, schema),
    ...newListErrors(value, oldValue, schema),
  ];
  const options = { old: oldValue, correlation, warn };
  return rules ? [...errors, ...afterOthers(errors, () => rules.validate(value, options))] : errors;
}

/** Lists that had doubled elements before may go on to have some. */
function newListErrors(value: JsonObject, old: JsonObject, schema: StructuralSchema): FieldError[] {
  const found = validateListTypes(value, schema);
  return found.length > 0 && validateListTypes(old, schema).length > 0 ? [] : found;
}

const BLOCKING: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/** Rules rely on what the schema says; they are not asked about an object that does not keep to it. */
function afterOthers(errors: readonly FieldError[], check: () => FieldError[]): FieldError[] {
  if (errors.some(({ type }) => BLOCKING.has(type))) return [NOT_CHECKED];
  return check();
}

const NOT_CHECKED = invalid(
  '<nil>',
  null,
  'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
);

/** `/status` writes the status alone; of metadata only who owns what. */
function statusRules(parts: StrategyParts, validateTypeMeta: WriteRules['validateTypeMeta']): WriteRules {
  return {
    ...(validateTypeMeta && { validateTypeMeta }),
    prepareForUpdate(object, old) {
      const { status } = object;
      const { managedFields, resourceVersion } = object.metadata;
      for (const key of Object.keys(object)) delete object[key];
      Object.assign(object, structuredClone(old));
      if (status === undefined) delete object.status;
      else object.status = status;
      if (managedFields === undefined) delete object.metadata.managedFields;
      else object.metadata.managedFields = managedFields;
      if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
    },
    validateUpdate: (object, old, warn) => validateStatus(object, old, parts, warn),
    resetFields: [['metadata'], ['spec']],
  };
}

function validateStatus(object: KubeObject, old: KubeObject, parts: StrategyParts, warn?: Warn): FieldError[] {
  const { version, schema, rules } = parts;
  const [value, oldValue] = [object as unknown as JsonObject, old as unknown as JsonObject];
  const correlation = new Correlation(value, oldValue, schema);
  const errors: FieldError[] = [];
  const statusSchema = propertyOf(schema, 'status');
  if (value.status !== undefined && statusSchema)
    errors.push(
      ...validateBySchema(value.status, statusSchema, { at: 'status', correlation: correlation.key('status') }),
    );
  errors.push(...checkScaleStatus(object, version.subresources?.scale));
  errors.push(...newListErrors(value, oldValue, schema));
  const options = { old: oldValue, correlation, warn };
  return rules ? [...errors, ...afterOthers(errors, () => rules.validate(value, options))] : errors;
}

function textOf(value: JsonValue | undefined): string {
  return value === undefined || value === null ? '' : formatGoValue(value);
}

function without(object: KubeObject, field: string): JsonObject {
  const { [field]: _, ...rest } = object as unknown as JsonObject;
  return rest;
}

function takeOverStatus(object: KubeObject, old: KubeObject): void {
  if (old.status === undefined) delete object.status;
  else object.status = old.status;
}

const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** New finalizers should be names of a domain with a path. */
function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | undefined): string[] {
  const known = old?.metadata.finalizers ?? [];
  const added = [...new Set(metadata.finalizers ?? [])].filter((name) => !known.includes(name)).sort();
  return added.flatMap((name) => [...isQualifiedName(name), ...unqualified(name)].map((text) => warning(name, text)));
}

function warning(name: string, text: string): string {
  return `metadata.finalizers: ${goQuote(name)}: ${text}`;
}

function unqualified(name: string): string[] {
  if (name.includes('/') || STANDARD_FINALIZERS.includes(name)) return [];
  const what = name.includes('.') ? 'finalizer name including a path (/)' : 'finalizer name';
  return [`prefer a domain-qualified ${what} to avoid accidental conflicts with other finalizer writers`];
}
