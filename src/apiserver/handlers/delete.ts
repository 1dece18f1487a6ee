import {
  errorText,
  type FieldError,
  formatTime,
  invalid,
  isJsonObject,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  newConflict,
  notSupported,
  parseYaml,
} from 'nekube/apimachinery';
import type { Entry, Storage } from 'nekube/storage';
import { decodeOptions } from '../registry/builtin.ts';
import { bodyEncoding, parseJsonBody, readBody } from '../body.ts';
import { header, type RequestContext, warn } from '../context.ts';
import { admissionOptions, checkDryRun, invalidOptions, parseIntParameter, parseListOptions } from '../options.ts';
import { openKubeProtobuf } from '../protobuf.ts';
import { isTrue } from '../request-info.ts';
import { sendEncoded, sendStatus } from '../respond.ts';
import { groupKind, type ServedResource } from '../registry/served.ts';
import type { DeleteDecision } from '../registry/write-options.ts';
import { View } from '../view.ts';
import { listEntries } from './read.ts';
import { attributesOf, type WriteDeps } from './write.ts';

/** metav1.DeleteOptions. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: string;
  readonly dryRun?: readonly string[];
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** Finalizers that the garbage collector takes away again. */
const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/** Options from the body, else from the query. @throws StatusError BadRequest, Invalid */
async function readDeleteOptions(context: RequestContext, resource: ServedResource): Promise<DeleteOptions> {
  const bytes = await readBody(context.request);
  const options = bytes.length > 0 ? parseBody(context, resource, bytes) : parseQuery(context.query);
  const errors: FieldError[] = [];
  const { orphanDependents, propagationPolicy } = options;
  if (orphanDependents !== undefined && propagationPolicy !== undefined)
    errors.push(
      invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'),
    );
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy))
    errors.push(notSupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']));
  errors.push(...checkDryRun(options.dryRun ?? []));
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
  if (orphanDependents === undefined && propagationPolicy === undefined)
    warn(context, resource.rules.deleteWarning ?? '');
  return options;
}

function parseBody(context: RequestContext, resource: ServedResource, bytes: Buffer): DeleteOptions {
  const encoding = bodyEncoding(header(context.request, 'content-type'));
  try {
    const value =
      encoding === 'protobuf'
        ? parseProtobuf(bytes)
        : encoding === 'yaml'
          ? parseYaml(bytes.toString())
          : parseJsonBody(bytes).value;
    if (value !== null && !isJsonObject(value))
      throw new Error(
        `couldn't get version/kind; json parse error: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
      );
    const { kind = 'DeleteOptions', apiVersion = 'v1' } = value ?? {};
    if (kind !== 'DeleteOptions')
      throw new Error(
        `no kind "${String(kind)}" is registered for version "${String(apiVersion)}" in scheme "pkg/runtime/scheme.go:111"`,
      );
    const options = decodeOptions('DeleteOptions', value);
    // kube-apiserver audits its internal type
    context.audit?.requestObject({ kind: 'DeleteOptions', ...options, apiVersion: 'meta.k8s.io/__internal' } as never);
    return options as unknown as DeleteOptions;
  } catch (error) {
    throw newBadRequest(errorText(error));
  }
}

/** Options under whatever group version; what says that it is of another kind is told by that. */
function parseProtobuf(bytes: Buffer): JsonValue {
  const body = openKubeProtobuf(bytes);
  const kind = body.kind || 'DeleteOptions';
  const options = kind === 'DeleteOptions' ? body.decodeAs('v1', kind) : undefined;
  return { ...options, kind, apiVersion: body.apiVersion } as unknown as JsonValue;
}

function parseQuery(query: URLSearchParams): DeleteOptions {
  const gracePeriodSeconds = parseIntParameter(query.get('gracePeriodSeconds'));
  const orphan = query.get('orphanDependents');
  const propagationPolicy = query.get('propagationPolicy') ?? undefined;
  const dryRun = query.getAll('dryRun');
  return {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(orphan !== null && { orphanDependents: isTrue(orphan) }),
    ...(propagationPolicy !== undefined && { propagationPolicy }),
    ...(dryRun.length > 0 && { dryRun }),
  };
}

/** DELETE of one object. */
export async function handleDelete(context: RequestContext, deps: WriteDeps, resource: ServedResource): Promise<void> {
  const options = await readDeleteOptions(context, resource);
  const view = new View(context, resource);
  const admit = admitDelete(context, deps, resource, options);
  const { entry, gone } = await deleteObject(context, deps, resource, context.info.name, options, admit);
  const code = !gone && options.orphanDependents === false ? 202 : 200;
  const showsObject = !gone || resource.rules.returnsDeletedObject === true;
  if (showsObject) sendEncoded(context, code, view.single(entry));
  else sendDeleted(context, resource, deps.store.decode(resource, entry));
}

/** The Status of a finished delete. `kind` is the resource, as kube-apiserver has it. */
function sendDeleted(context: RequestContext, resource: ServedResource, object: KubeObject): void {
  const { name, uid } = object.metadata;
  const details = { name, ...(resource.group && { group: resource.group }), kind: resource.resource, uid };
  sendStatus(context, 200, { status: 'Success', details: details as { name: string } });
}

/**
 * Deletes an object as its kind, its finalizers and the options say.
 *
 * @param admit asks admission about the stored object, and again about what is removed where it was changed before:
 *   {@link admitDelete}, or nothing where the request was admitted as something else
 * @throws StatusError
 */
export function deleteObject(
  context: RequestContext,
  deps: WriteDeps,
  resource: ServedResource,
  name: string,
  options: DeleteOptions,
  admit: (old: KubeObject) => Promise<void> | void,
): Promise<{ readonly entry: Entry; readonly gone: boolean }> {
  const dryRun = (options.dryRun?.length ?? 0) > 0;
  const decide = async (object: KubeObject, entry: Entry): Promise<DeleteDecision> => {
    checkPreconditions(resource, object, String(entry.modRevision), options);
    if (isPending(resource, object, options)) return 'keep';
    await admit(object);
    return decideDelete(resource, object, options, context.now);
  };
  return deps.store.delete(resource, context.info.namespace, name, decide, dryRun, admit);
}

/** Asks admission about a delete; the name is that of the path, so a collection's is empty. */
function admitDelete(
  context: RequestContext,
  { admission }: WriteDeps,
  resource: ServedResource,
  options: DeleteOptions,
): (old: KubeObject) => Promise<void> {
  const { name } = context.info;
  const dryRun = (options.dryRun?.length ?? 0) > 0;
  return async (old) => {
    const shown = admissionOptions('DeleteOptions', isNamespaces(resource) ? ofThis(old, options) : options);
    const change = { operation: 'DELETE', name, old, options: shown } as const;
    const attributes = attributesOf(context, resource, { dryRun, given: {} }, change);
    await admission.mutate(attributes);
    await admission.validate(attributes);
  };
}

function isNamespaces({ group, resource }: ServedResource): boolean {
  return group === '' && resource === 'namespaces';
}

/** A namespace is deleted as the one that was found, whatever the options say. */
function ofThis({ metadata }: KubeObject, options: DeleteOptions): DeleteOptions {
  return { ...options, preconditions: { ...options.preconditions, uid: options.preconditions?.uid ?? metadata.uid! } };
}

/** @throws StatusError Conflict: the object is another one, or not in the version, that the options are for */
export function checkPreconditions(
  resource: ServedResource,
  object: KubeObject,
  resourceVersion: string,
  { preconditions }: DeleteOptions,
): void {
  const { name = '', uid = '' } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw newConflict(groupKind(resource), name, why);
  }
  const version = preconditions?.resourceVersion;
  if (version !== undefined && version !== resourceVersion) {
    const why = `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`;
    throw newConflict(groupKind(resource), name, why);
  }
}

/** Marks the object (in place) as its deletion goes, and says what is to be done with it. */
export function decideDelete(
  resource: ServedResource,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): DeleteDecision {
  const { twoPhaseDeletion } = resource.rules;
  if (twoPhaseDeletion !== undefined) {
    if (!object.metadata.deletionTimestamp) {
      object.metadata.deletionTimestamp = formatTime(now);
      twoPhaseDeletion.begin(object);
      setCollectorFinalizers(resource, object, options);
      return 'update';
    }
    if (!twoPhaseDeletion.isFinished(object)) return 'keep';
  }
  const grace = graceful(resource, object, options, now);
  if (grace === 'pending') return 'keep';
  const changed = setCollectorFinalizers(resource, object, options);
  const finalizers = object.metadata.finalizers?.length ?? 0;
  if (grace === 'none') {
    if (finalizers === 0) return 'remove';
    if (!changed && object.metadata.deletionTimestamp && object.metadata.deletionGracePeriodSeconds === 0)
      return 'keep';
    markAsDeleting(object, now);
    return 'update';
  }
  return finalizers > 0 || object.metadata.deletionGracePeriodSeconds! > 0 ? 'update' : 'updateAndRemove';
}

/** Whether the object waits for its deletion already, for a time that the options do not shorten. */
function isPending({ rules }: ServedResource, { metadata }: KubeObject, options: DeleteOptions): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds: current = 0 } = metadata;
  if (rules.gracePeriodSeconds === undefined || !deletionTimestamp || current === 0) return false;
  const { gracePeriodSeconds: requested } = options;
  return requested === undefined || (requested < 0 ? 1 : requested) >= current;
}

/** Sets or shortens the grace period of kinds that have one (RESTGracefulDeleteStrategy). */
function graceful(
  resource: ServedResource,
  object: KubeObject,
  options: DeleteOptions,
  now: Date,
): 'none' | 'pending' | 'set' {
  const { gracePeriodSeconds } = resource.rules;
  if (gracePeriodSeconds === undefined) return 'none';
  const meta = object.metadata;
  const requested =
    options.gracePeriodSeconds === undefined
      ? undefined
      : options.gracePeriodSeconds < 0
        ? 1
        : options.gracePeriodSeconds;
  if (meta.deletionTimestamp) {
    const current = meta.deletionGracePeriodSeconds ?? 0;
    if (current === 0) return 'none';
    if (requested === undefined || requested >= current) return 'pending';
    const shortened = new Date(Date.parse(meta.deletionTimestamp) + (requested - current) * 1000);
    const past = shortened < now;
    meta.deletionTimestamp = formatTime(past ? now : shortened);
    meta.deletionGracePeriodSeconds = past && requested !== 0 ? 1 : requested;
    return 'set';
  }
  const period = gracePeriodSeconds(object, requested);
  meta.deletionTimestamp = formatTime(new Date(now.getTime() + period * 1000));
  meta.deletionGracePeriodSeconds = period;
  if ((meta.generation ?? 0) > 0) meta.generation = meta.generation! + 1;
  return 'set';
}

/** Adds and removes the finalizers by which the garbage collector is told what to do; true if they changed. */
function setCollectorFinalizers(resource: ServedResource, object: KubeObject, options: DeleteOptions): boolean {
  const old = object.metadata.finalizers ?? [];
  const policy = collectorPolicy(resource, old, options);
  const kept = old.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (policy === 'Orphan') kept.push(ORPHAN);
  if (policy === 'Foreground') kept.push(FOREGROUND);
  if (kept.length === old.length && kept.every((finalizer) => old.includes(finalizer))) return false;
  if (kept.length > 0) object.metadata.finalizers = kept;
  else delete object.metadata.finalizers;
  return true;
}

function collectorPolicy(resource: ServedResource, finalizers: readonly string[], options: DeleteOptions): string {
  const standard = resource.rules.defaultGarbageCollection ?? 'background';
  if (standard === 'unsupported') return 'Background';
  if (options.orphanDependents !== undefined) return options.orphanDependents ? 'Orphan' : 'Background';
  if (options.propagationPolicy !== undefined) return options.propagationPolicy;
  const set = finalizers.find((finalizer) => finalizer === ORPHAN || finalizer === FOREGROUND);
  if (set !== undefined) return set === ORPHAN ? 'Orphan' : 'Foreground';
  return standard === 'orphan' ? 'Orphan' : 'Background';
}

function markAsDeleting(object: KubeObject, now: Date): void {
  const meta = object.metadata;
  if (!meta.deletionTimestamp && (meta.generation ?? 0) > 0) meta.generation = meta.generation! + 1;
  if (!meta.deletionTimestamp || Date.parse(meta.deletionTimestamp) > now.getTime())
    meta.deletionTimestamp = formatTime(now);
  meta.deletionGracePeriodSeconds = 0;
}

/** DELETE of a collection: each object that the list selects, in turn; the answer is the list. */
export async function handleDeleteCollection(
  context: RequestContext,
  deps: WriteDeps,
  resource: ServedResource,
  storage: Storage,
): Promise<void> {
  const listOptions = parseListOptions(context.query, false);
  const options = await readDeleteOptions(context, resource);
  const view = new View(context, resource);
  const admit = admitDelete(context, deps, resource, options);
  const { entries, meta } = await listEntries(context, resource, storage, listOptions);
  for (const entry of entries) {
    const object = deps.store.decode(resource, entry);
    const { name = '', namespace = '' } = object.metadata;
    const one = { ...context, info: { ...context.info, name, namespace } };
    await deleteObject(one, deps, resource, name, options, admit).catch(ignoreNotFound);
  }
  sendEncoded(context, 200, view.list(entries, meta));
}

function ignoreNotFound(error: unknown): void {
  if ((error as { status?: { reason?: string } }).status?.reason !== 'NotFound') throw error;
}
