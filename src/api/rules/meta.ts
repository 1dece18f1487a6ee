import {
  apiVersionOf,
  byteLength,
  type FieldError,
  forbidden,
  goQuote,
  invalid,
  isPrintable,
  isQualifiedName,
  type JsonValue,
  jsonEqual,
  type ManagedFieldsEntry,
  type NameCheck,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
  Path,
  required,
  tooLong,
  validatePathSegmentName,
} from 'nekube/apimachinery';
import { checkLabels } from './label-selector.ts';
import { metaChecksOf } from './meta-checks.ts';
import { type Check, checkImmutable, type RuleContext } from './rule.ts';

export { checkLabelName } from './label-selector.ts';

/** How the metadata of a resource is validated. */
export interface ObjectMetaOptions {
  /** The resource's objects live in namespaces. */
  readonly namespaced: boolean;
  /** What the resource says of names; a DNS subdomain if left out. */
  readonly nameCheck?: ((name: string, prefix: boolean) => readonly string[]) | undefined;
  /** Where metadata is; `metadata` if left out. */
  readonly path?: Path;
  /** `group/resource`, for a subresource with `/status`; it says what the resource checks by itself. */
  readonly resource?: string;
  /** Custom resources take any qualified name as a finalizer. */
  readonly custom?: boolean;
}

const METADATA = Path.of('metadata');
const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** The defects of the metadata of an object to be created, when its name has been generated. */
export function validateObjectMeta(meta: ObjectMeta, options: ObjectMetaOptions): FieldError[] {
  const { names } = metaChecksOf(options.resource);
  return names === 'none' ? checkForAll(meta, options) : checkWhole(meta, options);
}

/**
 * The defects of the metadata of an update.
 *
 * As in kube-apiserver, metadata is checked once for all resources, which looks at names only as parts of a URL, and
 * again by the resource. So one defect may be there several times.
 */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta, options: ObjectMetaOptions): FieldError[] {
  const path = options.path ?? METADATA;
  const changes = checkMetaUpdate(meta, old, path);
  const own = metaChecksOf(options.resource).update.map((check) =>
    check === 'whole' ? checkWhole(meta, options) : [...changes, ...unknownFinalizers(meta, options, path)],
  );
  return [...checkForAll(meta, options), ...changes, ...own.flat()];
}

/**
 * The defects of what changed in metadata, once more: for rules of an update that look at them between their own
 * checks, as those of jobs and roles.
 */
export function validateMetaChanges(meta: ObjectMeta, old: ObjectMeta, options: ObjectMetaOptions): FieldError[] {
  const path = options.path ?? METADATA;
  return [...checkMetaUpdate(meta, old, path), ...unknownFinalizers(meta, options, path)];
}

/** The check that all resources have in common. */
function checkForAll(meta: ObjectMeta, options: ObjectMetaOptions): FieldError[] {
  return checkMeta(meta, options.namespaced, validatePathSegmentName, options.path ?? METADATA);
}

/** The check of a resource's own, with its rule for names. */
function checkWhole(meta: ObjectMeta, options: ObjectMetaOptions): FieldError[] {
  const { nameCheck = nameIsDnsSubdomain, namespaced, path = METADATA } = options;
  const named = metaChecksOf(options.resource).names === 'name' ? { ...meta, generateName: '' } : meta;
  return [...checkMeta(named, namespaced, nameCheck, path), ...unknownFinalizers(meta, options, path)];
}

/** Runs a check of rules outside of an object's validation. */
function errorsOf(check: Check, value: unknown, path: Path): FieldError[] {
  const context: RuleContext = { errors: [], object: value, old: undefined };
  check(value, path, context);
  return context.errors;
}

function checkMeta(
  meta: ObjectMeta,
  namespaced: boolean,
  nameCheck: (name: string, prefix: boolean) => readonly string[],
  path: Path,
): FieldError[] {
  return [
    ...checkNames(meta, nameCheck, path),
    ...checkNamespace(meta.namespace ?? '', namespaced, path.child('namespace')),
    ...checkGeneration(meta.generation, path.child('generation')),
    ...errorsOf(checkLabels, meta.labels, path.child('labels')),
    ...errorsOf(checkAnnotations, meta.annotations, path.child('annotations')),
    ...checkOwnerReferences(meta.ownerReferences ?? [], path.child('ownerReferences')),
    ...checkFinalizers(meta.finalizers ?? [], path.child('finalizers')),
    ...checkManagedFields(meta.managedFields ?? [], path.child('managedFields')),
  ];
}

function checkNames(
  { name, generateName }: ObjectMeta,
  nameCheck: (name: string, prefix: boolean) => readonly string[],
  path: Path,
): FieldError[] {
  const errors: FieldError[] = [];
  if (generateName) {
    for (const message of nameCheck(generateName, true))
      errors.push(invalid(path.child('generateName'), generateName, message));
  }
  if (!name) errors.push(required(path.child('name'), 'name or generateName is required'));
  else for (const message of nameCheck(name, false)) errors.push(invalid(path.child('name'), name, message));
  return errors;
}

function checkNamespace(namespace: string, namespaced: boolean, path: Path): FieldError[] {
  if (!namespaced) return namespace === '' ? [] : [forbidden(path, 'not allowed on this type')];
  if (namespace === '') return [required(path)];
  return namespaceNameCheck(namespace, false).map((message) => invalid(path, namespace, message));
}

/** What a namespace's name must be. */
export const namespaceNameCheck: NameCheck = nameIsDnsLabel;

function checkGeneration(generation: number | undefined, path: Path): FieldError[] {
  if ((generation ?? 0) >= 0) return [];
  return [invalid(path, generation, 'must be greater than or equal to 0')];
}

/** Annotations: qualified names in any case, 256 KiB together; every error is at the map itself. */
export const checkAnnotations: Check = (annotations, path, { errors }) => {
  let bytes = 0;
  for (const key of Object.keys(annotations ?? {}).sort()) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(invalid(path, key, message));
    bytes += byteLength(key) + byteLength(annotations[key]);
  }
  if (bytes > MAX_ANNOTATIONS_BYTES) errors.push(tooLong(path, MAX_ANNOTATIONS_BYTES));
};

function checkOwnerReferences(references: readonly OwnerReference[], path: Path): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  for (const reference of references) {
    errors.push(...checkOwnerReference(reference, path));
    if (!reference.controller) continue;
    const name = `${reference.kind}/${reference.name}`;
    if (controller === undefined) controller = name;
    else {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
      errors.push(invalid(path, references.map(referenceValue), detail));
    }
  }
  return errors;
}

function checkOwnerReference(reference: OwnerReference, path: Path): FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  const { group, version } = parseApiVersion(apiVersion) ?? { group: '', version: '' };
  const errors: FieldError[] = [];
  if (version === '') errors.push(invalid(path.child('apiVersion'), apiVersion, 'version must not be empty'));
  for (const [field, value] of Object.entries({ kind, name, uid })) {
    if (value === '') errors.push(invalid(path.child(field), value, 'must not be empty'));
  }
  if (apiVersionOf({ group, version }) === 'v1' && kind === 'Event') {
    errors.push(invalid(path, referenceValue(reference), '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

/** A reference as Go prints it: the four texts always, in the order of the struct. */
function referenceValue({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): JsonValue {
  return {
    apiVersion: apiVersion ?? '',
    kind: kind ?? '',
    name: name ?? '',
    uid: uid ?? '',
    ...(controller !== undefined && { controller }),
    ...(blockOwnerDeletion !== undefined && { blockOwnerDeletion }),
  };
}

function checkFinalizers(finalizers: readonly string[], path: Path): FieldError[] {
  const errors = finalizers.flatMap((name) => isQualifiedName(name).map((message) => invalid(path, name, message)));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, [...finalizers], 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

const KNOWN_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Finalizers of one word that are not of the old, known ones. */
function unknownFinalizers(meta: ObjectMeta, options: ObjectMetaOptions, path: Path): FieldError[] {
  if (options.custom || !metaChecksOf(options.resource).knownFinalizers) return [];
  return (meta.finalizers ?? []).flatMap((name, i) => {
    if (name.includes('/') || KNOWN_FINALIZERS.includes(name)) return [];
    const detail = 'name is neither a standard finalizer name nor is it fully qualified';
    return [invalid(path.child('finalizers').index(i), name, detail)];
  });
}

function checkManagedFields(entries: readonly ManagedFieldsEntry[], path: Path): FieldError[] {
  return entries.flatMap(({ operation = '', fieldsType = '', manager = '', subresource = '' }, i) => {
    const at = path.index(i);
    const errors: FieldError[] = [];
    if (operation !== 'Apply' && operation !== 'Update')
      errors.push(invalid(at.child('operation'), operation, 'must be `Apply` or `Update`'));
    if (fieldsType !== '' && fieldsType !== 'FieldsV1')
      errors.push(invalid(at.child('fieldsType'), fieldsType, 'must be `FieldsV1`'));
    errors.push(...validateFieldManager(manager, at.child('manager')));
    if (byteLength(subresource) > 256) errors.push(tooLong(at.child('subresource'), 256));
    return errors;
  });
}

/** The defects of a field manager's name: at most 128 bytes, all printable. */
export function validateFieldManager(manager: string, path: Path): FieldError[] {
  const errors = byteLength(manager) > 128 ? [tooLong(path, 128)] : [];
  let position = 0;
  for (const char of manager) {
    if (!isPrintable(char)) {
      const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      errors.push(invalid(path, manager, `invalid character U+${code} (at position ${position})`));
    }
    position += byteLength(char);
  }
  return errors;
}

function checkMetaUpdate(meta: ObjectMeta, old: ObjectMeta, path: Path): FieldError[] {
  return [
    ...checkNoNewFinalizers(meta, old, path.child('finalizers')),
    ...checkUpdateVersion(meta, old, path),
    ...checkUnchanged(meta, old, path),
    ...errorsOf(checkLabels, meta.labels, path.child('labels')),
    ...errorsOf(checkAnnotations, meta.annotations, path.child('annotations')),
    ...checkOwnerReferences(meta.ownerReferences ?? [], path.child('ownerReferences')),
    ...checkManagedFields(meta.managedFields ?? [], path.child('managedFields')),
  ];
}

function checkNoNewFinalizers(meta: ObjectMeta, old: ObjectMeta, path: Path): FieldError[] {
  if (!old.deletionTimestamp) return [];
  const known = new Set(old.finalizers ?? []);
  const added = [...new Set(meta.finalizers ?? [])].filter((name) => !known.has(name)).sort();
  if (added.length === 0) return [];
  const list = `[]string{${added.map(goQuote).join(', ')}}`;
  return [
    forbidden(path, `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`),
  ];
}

function checkUpdateVersion(meta: ObjectMeta, old: ObjectMeta, path: Path): FieldError[] {
  const errors: FieldError[] = [];
  if (!meta.resourceVersion) errors.push(invalid(path.child('resourceVersion'), '', 'must be specified for an update'));
  if ((meta.generation ?? 0) < (old.generation ?? 0))
    errors.push(invalid(path.child('generation'), meta.generation ?? 0, 'must not be decremented'));
  return errors;
}

function checkUnchanged(meta: ObjectMeta, old: ObjectMeta, path: Path): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['name', 'namespace', 'uid'] as const)
    checkImmutable(meta[field] ?? '', old[field] ?? '', path.child(field), errors);
  for (const field of ['creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    const [value, before] = [meta[field] ?? null, old[field] ?? null];
    if (!jsonEqual(value, before)) errors.push(invalid(path.child(field), value, 'field is immutable'));
  }
  return errors;
}
