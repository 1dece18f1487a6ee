import { randomUUID } from 'node:crypto';
import { type ObjectMetaOptions, validateObjectMeta, validateObjectMetaUpdate, type WriteRules } from 'nekube/api';
import {
  type FieldError,
  formatTime,
  type GroupResource,
  type KubeObject,
  newBadRequest,
  newInvalid,
  Path,
  required,
} from 'nekube/apimachinery';
import { groupKind, type ServedResource } from './served.ts';
import type { WriteOptions } from './write-options.ts';

/** What the rules make of a new object, and think of it. @throws StatusError Invalid */
export function prepareCreate(resource: ServedResource, object: KubeObject, options: WriteOptions): void {
  const { rules, context } = options;
  rules.prepareForCreate?.(object, context);
  const errors = validateCreate(resource, object, rules);
  if (errors.length > 0) throw newInvalid(groupKindOf(resource, object), object.metadata.name ?? '', errors);
  for (const text of rules.warnings?.(object, undefined) ?? []) options.warn(text);
}

/** What the rules make of a changed object, and think of it. What clients cannot change is kept. @throws StatusError Invalid */
export function prepareUpdate(
  resource: ServedResource,
  namespace: string,
  object: KubeObject,
  old: KubeObject,
  options: WriteOptions,
): void {
  const { rules, context } = options;
  matchNamespace(resource, namespace, object);
  keepOf(object, old, 'generation');
  rules.prepareForUpdate?.(object, old, context);
  const meta = object.metadata;
  if (!meta.uid) meta.uid = old.metadata.uid;
  if (old.metadata.creationTimestamp) meta.creationTimestamp = old.metadata.creationTimestamp;
  if (old.metadata.deletionTimestamp) meta.deletionTimestamp = old.metadata.deletionTimestamp;
  if (old.metadata.deletionGracePeriodSeconds !== undefined && meta.deletionGracePeriodSeconds === undefined)
    meta.deletionGracePeriodSeconds = old.metadata.deletionGracePeriodSeconds;
  const errors = validateUpdate(resource, object, old, options);
  if (errors.length > 0) throw newInvalid(groupKindOf(resource, object), meta.name ?? '', errors);
  for (const text of rules.warnings?.(object, old) ?? []) options.warn(text);
}

/** A new uid and the time of creation. */
export function fillSystemFields(object: KubeObject, now: Date): void {
  object.metadata.uid = randomUUID();
  object.metadata.creationTimestamp = formatTime(now);
}

/** What a client may not bring along on create: kube-apiserver wipes it silently. */
export function wipeSystemFields(object: KubeObject): void {
  const meta = object.metadata;
  delete meta.creationTimestamp;
  delete meta.deletionTimestamp;
  delete meta.deletionGracePeriodSeconds;
  delete meta.selfLink;
  delete meta.uid;
}

function keepOf(object: KubeObject, old: KubeObject, field: 'generation'): void {
  const value = old.metadata[field];
  if (value === undefined) delete object.metadata[field];
  else object.metadata[field] = value;
}

/** Sets the namespace of the request where the object has none. @throws StatusError BadRequest if they differ */
export function matchNamespace(resource: ServedResource, namespace: string, object: KubeObject): void {
  const expected = resource.namespaced ? namespace : '';
  const given = object.metadata.namespace ?? '';
  if (given === '' && expected !== '') object.metadata.namespace = expected;
  else if (expected === '' && given !== '') delete object.metadata.namespace;
  else if (given !== expected)
    throw newBadRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function validateCreate(resource: ServedResource, object: KubeObject, rules: WriteRules): FieldError[] {
  const wrongType = rules.validateTypeMeta?.(object) ?? [];
  if (wrongType.length > 0) return wrongType;
  const errors = [
    ...validateObjectMeta(object.metadata, metaOptions(resource, rules)),
    ...(rules.validate?.(object) ?? []),
  ];
  return missingName(object, errors);
}

/** Every kind's message for a name that is missing reads alike. */
function missingName(object: KubeObject, errors: FieldError[]): FieldError[] {
  if (object.metadata.name || object.metadata.generateName || errors.some((e) => e.field === 'metadata.name'))
    return errors;
  return [required(Path.of('metadata', 'name'), 'name or generateName is required'), ...errors];
}

function validateUpdate(
  resource: ServedResource,
  object: KubeObject,
  old: KubeObject,
  { rules, warn }: Pick<WriteOptions, 'rules' | 'warn'>,
): FieldError[] {
  const wrongType = rules.validateTypeMeta?.(object) ?? [];
  if (wrongType.length > 0) return wrongType;
  const errors = validateObjectMetaUpdate(object.metadata, old.metadata, metaOptions(resource, rules));
  return [...errors, ...(rules.validateUpdate?.(object, old, warn) ?? [])];
}

/** How metadata is validated, through the main endpoint or through a subresource with rules of its own. */
function metaOptions(served: ServedResource, rules: WriteRules): ObjectMetaOptions {
  const { namespaced, custom, group, resource } = served;
  const { nameCheck } = served.rules;
  return { namespaced, custom, nameCheck, resource: `${group}/${resource}${rules === served.rules ? '' : '/status'}` };
}

/** Group and kind as an object names them, which custom resources may do wrongly. */
function groupKindOf(resource: ServedResource, object: KubeObject): GroupResource {
  return resource.custom ? { ...groupKind(resource), resource: object.kind ?? '' } : groupKind(resource);
}
