import { randomUUID } from 'node:crypto';
import type { ObjectMetaOptions, WriteContext, WriteRules } from 'nekube/api';
import { validateObjectMeta, validateObjectMetaUpdate } from 'nekube/api';
import {
  type FieldError,
  formatTime,
  goQuote,
  type GroupResource,
  invalid,
  type KubeObject,
  newAlreadyExists,
  newBadRequest,
  newConflict,
  newFailure,
  newInvalid,
  newNotFound,
  Path,
  required,
  StatusError,
  parseApiVersion,
} from 'nekube/apimachinery';
import type { Awaitable, Entry, Storage } from 'nekube/storage';
import { ignoreManagedFieldsTimestamps } from '../field-manager/index.ts';
import { decodeRecord, encodeRecord, sameRecord } from './record.ts';
import { keyOf, type ServedResource } from './served.ts';

/** What a write needs beside its object. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly context: WriteContext;
  /** Adds a Warning header to the answer. */
  readonly warn: (text: string) => void;
  /** The rules of the endpoint: those of the resource, or of one of its subresources. */
  readonly rules: WriteRules;
  /** Judges what will be stored (validating admission); on create `old` is undefined. */
  readonly validate: (object: KubeObject, old: KubeObject | undefined) => Promise<void> | void;
}

/** What only an update says. */
export interface UpdateOptions extends WriteOptions {
  /** An absent object is created, whatever the rules say (server-side apply). */
  readonly forceAllowCreate?: boolean;
  /** The uid that the stored object must have. */
  readonly uid?: string;
}

/** What a write came to. The entry's record is what the answer shows; a dry run's was never stored. */
export interface Written {
  readonly entry: Entry;
  readonly created: boolean;
  /** The write removed the object, since its last finalizer left. */
  readonly deleted: boolean;
}

/** Work around writes that must keep other state in step, e.g. allocated cluster IPs. */
export interface WriteHooks {
  /**
   * Called with the object before it is prepared and validated; may change it. The returned function
   * says whether the write was made, so that what was taken can be given back.
   */
  begin?(object: KubeObject, old: KubeObject | undefined, dryRun: boolean): Awaitable<Finish>;
  /** Called after an object is gone. */
  afterDelete?(object: KubeObject): Awaitable<void>;
}

/** Tells a hook whether the write was made. */
export type Finish = (committed: boolean) => Awaitable<void>;

const OPTIMISTIC_LOCK = 'the object has been modified; please apply your changes to the latest version and try again';

/** Group and resource of an object in messages. */
export function groupResource(resource: ServedResource): GroupResource {
  return { group: resource.group, resource: resource.resource };
}

/** Group and kind as they are stored, in the shape in which `newInvalid` takes it. */
export function groupKind(resource: ServedResource): GroupResource {
  const { group } = parseApiVersion(resource.hubApiVersion)!;
  return { group, resource: resource.kind };
}

/** Group and kind as an object names them, which custom resources may do wrongly. */
function groupKindOf(resource: ServedResource, object: KubeObject): GroupResource {
  return resource.custom ? { ...groupKind(resource), resource: object.kind ?? '' } : groupKind(resource);
}

/**
 * The store of all resources: what kube-apiserver's generic registry does around a write. Objects come and go in the
 * hub version; a write reads, prepares, validates and stores in one compare-and-set, again if it lost a race.
 */
export class Store {
  readonly #storage: Storage;
  readonly #hooks: ReadonlyMap<string, WriteHooks>;

  /** @param hooks by key prefix of the resource */
  constructor(storage: Storage, hooks: ReadonlyMap<string, WriteHooks>) {
    this.#storage = storage;
    this.#hooks = hooks;
  }

  /** The same store of another view of the storage. */
  on(storage: Storage): Store {
    return new Store(storage, this.#hooks);
  }

  /** The stored object, durable. @throws StatusError NotFound */
  async get(resource: ServedResource, namespace: string, name: string): Promise<Entry> {
    const entry = await this.#storage.get(keyOf(resource, namespace, name));
    if (entry === undefined) throw newNotFound(groupResource(resource), name);
    return entry;
  }

  /** The newest version of an object, also one that is not durable yet: for decisions about writes. */
  async head(resource: ServedResource, namespace: string, name: string): Promise<KubeObject | undefined> {
    const entry = await this.#storage.head(keyOf(resource, namespace, name));
    return entry && this.decode(resource, entry);
  }

  /** The object of an entry, in the hub version. */
  decode(resource: ServedResource, entry: Entry): KubeObject {
    const object = decodeRecord(entry, resource.hubApiVersion, resource.kind);
    return resource.settle?.(object) ?? object;
  }

  /** Stores a new object. @throws StatusError AlreadyExists, Invalid, … */
  async create(
    resource: ServedResource,
    namespace: string,
    object: KubeObject,
    options: WriteOptions,
  ): Promise<Written> {
    checkCreateVersion(object);
    generateName(object);
    fillSystemFields(object, options.context.now);
    const finish = await this.#beforeCreate(resource, namespace, object, options);
    try {
      const key = keyOf(resource, namespace, object.metadata.name!);
      const value = recordOf(resource, object);
      const entry = options.dryRun ? await this.#pretendCreate(key, value) : await this.#insert(resource, key, value);
      if (entry === undefined) throw await this.#alreadyExists(resource, object, key);
      await finish(!options.dryRun);
      return { entry, created: true, deleted: false };
    } catch (error) {
      await finish(false);
      throw error;
    }
  }

  async #alreadyExists(resource: ServedResource, object: KubeObject, key: string): Promise<Error> {
    const error = alreadyExists(resource, object);
    const existing = await this.#storage.head(key);
    if (existing === undefined || !this.decode(resource, existing).metadata.deletionTimestamp) return error;
    return new StatusError({ ...error.status, message: `object is being deleted: ${error.status.message}` });
  }

  async #insert(resource: ServedResource, key: string, value: Buffer): Promise<Entry | undefined> {
    const ttlSeconds = resource.rules.ttlSeconds;
    const result = await this.#storage.write({ key, value, expect: 0, ...(ttlSeconds && { ttlSeconds }) });
    if (result.ok) return result.entry ?? entryOf(key, value, result.revision, result.revision);
    if (result.current !== undefined) await this.#storage.settled(result.current.modRevision);
    return undefined;
  }

  async #pretendCreate(key: string, value: Buffer): Promise<Entry | undefined> {
    return (await this.#storage.head(key)) === undefined ? entryOf(key, value, 0, 0) : undefined;
  }

  /** @returns what to call when it is known whether the object was stored */
  async #beforeCreate(
    resource: ServedResource,
    namespace: string,
    object: KubeObject,
    options: WriteOptions,
  ): Promise<Finish> {
    const { rules, context } = options;
    matchNamespace(resource, namespace, object);
    delete object.metadata.deletionTimestamp;
    delete object.metadata.deletionGracePeriodSeconds;
    const finish = (await this.#hooks.get(resource.keyPrefix)?.begin?.(object, undefined, options.dryRun)) ?? nothing;
    try {
      rules.prepareForCreate?.(object, context);
      const errors = validateCreate(resource, object, rules);
      if (errors.length > 0) throw newInvalid(groupKindOf(resource, object), object.metadata.name ?? '', errors);
      for (const text of rules.warnings?.(object, undefined) ?? []) options.warn(text);
      await options.validate(object, undefined);
      return finish;
    } catch (error) {
      await finish(false);
      throw error;
    }
  }

  /**
   * Changes a stored object, or creates it where that is allowed.
   *
   * @param transform makes the new object from the stored one (undefined if there is none), with ownership and
   *   mutating admission done; it is called again after a lost race.
   */
  async update(
    resource: ServedResource,
    namespace: string,
    name: string,
    transform: (current: KubeObject | undefined) => Promise<KubeObject> | KubeObject,
    options: UpdateOptions,
  ): Promise<Written> {
    const key = keyOf(resource, namespace, name);
    for (;;) {
      const head = await this.#storage.head(key);
      const current = head && this.decode(resource, head);
      if (head === undefined && !resource.rules.allowCreateOnUpdate && !options.forceAllowCreate)
        throw newNotFound(groupResource(resource), name);
      checkUid(resource, key, name, current, options.uid);
      const object = await transform(current);
      const written =
        head === undefined || current === undefined
          ? await this.#createByUpdate(resource, namespace, object, options)
          : await this.#replace(resource, namespace, name, object, { head, current }, options);
      if (written !== undefined) return written;
    }
  }

  async #createByUpdate(
    resource: ServedResource,
    namespace: string,
    object: KubeObject,
    options: UpdateOptions,
  ): Promise<Written | undefined> {
    wipeSystemFields(object);
    fillSystemFields(object, options.context.now);
    const finish = await this.#beforeCreate(resource, namespace, object, options);
    const key = keyOf(resource, namespace, object.metadata.name!);
    const value = recordOf(resource, object);
    const entry = options.dryRun ? await this.#pretendCreate(key, value) : await this.#insert(resource, key, value);
    await finish(entry !== undefined && !options.dryRun);
    return entry && { entry, created: true, deleted: false };
  }

  async #replace(
    resource: ServedResource,
    namespace: string,
    name: string,
    object: KubeObject,
    stored: { readonly head: Entry; readonly current: KubeObject },
    options: UpdateOptions,
  ): Promise<Written | undefined> {
    const { head, current } = stored;
    checkVersion(resource, name, object, head);
    const hooks = options.rules === resource.rules ? this.#hooks.get(resource.keyPrefix) : undefined;
    const finish = (await hooks?.begin?.(object, current, options.dryRun)) ?? nothing;
    try {
      this.#beforeUpdate(resource, namespace, object, current, options);
      await options.validate(object, current);
      const written = await this.#write(resource, object, stored, options);
      await finish(written !== undefined && !options.dryRun);
      return written;
    } catch (error) {
      await finish(false);
      throw error;
    }
  }

  #beforeUpdate(
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

  /** @returns undefined if the race was lost */
  async #write(
    resource: ServedResource,
    object: KubeObject,
    { head, current }: { readonly head: Entry; readonly current: KubeObject },
    options: WriteOptions,
  ): Promise<Written | undefined> {
    const { key } = head;
    const canonical = resource.normalizeHub(object);
    ignoreManagedFieldsTimestamps(canonical, current, resource.custom);
    const value = encodeRecord(canonical, resource.custom);
    if (isFinalized(object, current) && (resource.rules.twoPhaseDeletion?.isFinished(object) ?? true)) {
      // the answer shows the object of the request: it was never stored
      const entry = entryOf(key, encodeRecord(object, resource.custom), head.modRevision, head.createRevision);
      if (!options.dryRun && (await this.#remove(resource, head, object)) === undefined) return undefined;
      return { entry, created: false, deleted: true };
    }
    if (sameRecord(value, head.value)) {
      await this.#storage.settled(head.modRevision);
      return { entry: head, created: false, deleted: false };
    }
    if (options.dryRun)
      return { entry: entryOf(key, value, head.modRevision, head.createRevision), created: false, deleted: false };
    const ttlSeconds = resource.rules.ttlSeconds;
    const result = await this.#storage.write({
      key,
      value,
      expect: head.modRevision,
      ...(ttlSeconds && { ttlSeconds }),
    });
    if (!result.ok) return undefined;
    const entry = result.entry ?? entryOf(key, value, result.revision, head.createRevision);
    return { entry, created: false, deleted: false };
  }

  /** Deletes the entry if it is still the newest one. @returns the entry at the revision of its deletion */
  async #remove(resource: ServedResource, head: Entry, object: KubeObject): Promise<Entry | undefined> {
    const result = await this.#storage.write({ key: head.key, value: null, expect: head.modRevision });
    if (!result.ok) return undefined;
    await this.#hooks.get(resource.keyPrefix)?.afterDelete?.(object);
    return { ...head, modRevision: result.revision };
  }

  /**
   * Runs a decision about deleting an object until it holds in a compare-and-set.
   *
   * @param decide looks at (a copy of) the stored object: `remove` deletes it, `keep` leaves it, `update` stores what
   *   became of the copy, `updateAndRemove` does both, as for a pod that is deleted at once.
   * @param beforeRemove is asked about what `updateAndRemove` has stored
   * @returns the object as the answer shows it, and whether it is gone
   */
  async delete(
    resource: ServedResource,
    namespace: string,
    name: string,
    decide: (object: KubeObject, entry: Entry) => Promise<DeleteDecision> | DeleteDecision,
    dryRun: boolean,
    beforeRemove: (object: KubeObject) => Promise<void> | void = nothing,
  ): Promise<{ readonly entry: Entry; readonly gone: boolean }> {
    const key = keyOf(resource, namespace, name);
    for (;;) {
      const head = await this.#storage.head(key);
      if (head === undefined) throw newNotFound(groupResource(resource), name);
      const object = this.decode(resource, head);
      const decision = await decide(object, head);
      if (decision === 'keep') {
        await this.#storage.settled(head.modRevision);
        return { entry: head, gone: false };
      }
      const outcome = await this.#carryOut(resource, head, object, decision, dryRun, beforeRemove);
      if (outcome !== undefined) return outcome;
    }
  }

  async #carryOut(
    resource: ServedResource,
    head: Entry,
    object: KubeObject,
    decision: DeleteDecision,
    dryRun: boolean,
    beforeRemove: (object: KubeObject) => Promise<void> | void,
  ): Promise<{ readonly entry: Entry; readonly gone: boolean } | undefined> {
    let entry = head;
    if (decision !== 'remove') {
      const value = recordOf(resource, object);
      if (dryRun)
        return { entry: entryOf(head.key, value, head.modRevision, head.createRevision), gone: decision !== 'update' };
      const result = await this.#storage.write({ key: head.key, value, expect: head.modRevision });
      if (!result.ok) return undefined;
      entry = result.entry ?? entryOf(head.key, value, result.revision, head.createRevision);
      if (decision === 'update') return { entry, gone: false };
      await beforeRemove(this.decode(resource, entry));
    }
    if (dryRun) return { entry, gone: true };
    const removed = await this.#remove(resource, entry, object);
    return removed && { entry: removed, gone: true };
  }
}

/** What a delete does with the stored object. */
export type DeleteDecision = 'remove' | 'keep' | 'update' | 'updateAndRemove';

const nothing = (): void => {};

/** The bytes to be stored. Custom resources say in which version they are. */
function recordOf(resource: ServedResource, object: KubeObject): Buffer {
  return encodeRecord(resource.normalizeHub(object), resource.custom);
}

function entryOf(key: string, value: Buffer, modRevision: number, createRevision: number): Entry {
  return { key, value, modRevision, createRevision };
}

function checkCreateVersion(object: KubeObject): void {
  const version = object.metadata.resourceVersion ?? '';
  if (uint64Problem(version) === undefined && Number(version) !== 0)
    throw newFailure(500, '', 'resourceVersion should not be set on objects to be created');
}

function alreadyExists(resource: ServedResource, object: KubeObject): StatusError {
  const { name, generateName } = object.metadata;
  if (
    !generateName ||
    name === undefined ||
    !name.startsWith(generateName) ||
    name.length !== generatedLength(generateName)
  )
    return newAlreadyExists(groupResource(resource), name ?? '');
  const gr = groupResource(resource);
  const text = `${gr.group === '' ? gr.resource : `${gr.resource}.${gr.group}`} "${name}" already exists, the server was not able to generate a unique name for the object`;
  return newFailure(409, 'AlreadyExists', text, {
    name,
    ...(gr.group && { group: gr.group }),
    kind: gr.resource,
    retryAfterSeconds: 1,
  });
}

const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const SUFFIX_LENGTH = 5;
const MAX_GENERATED_LENGTH = 63 - SUFFIX_LENGTH;

function generatedLength(prefix: string): number {
  return Math.min(prefix.length, MAX_GENERATED_LENGTH) + SUFFIX_LENGTH;
}

/** Gives an object with a generateName and no name a name of its own (five random characters). */
export function generateName(object: KubeObject): void {
  const { name, generateName: prefix } = object.metadata;
  if (name || !prefix) return;
  object.metadata.name = generatedName(prefix);
}

/** A name of five random characters after the prefix. */
export function generatedName(prefix: string): string {
  let suffix = '';
  for (let i = 0; i < SUFFIX_LENGTH; i++) suffix += SUFFIX_ALPHABET[Math.floor(Math.random() * SUFFIX_ALPHABET.length)];
  return prefix.slice(0, MAX_GENERATED_LENGTH) + suffix;
}

/** A new uid and the time of creation. */
function fillSystemFields(object: KubeObject, now: Date): void {
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

/** kube-apiserver's storage layer says this with the key that etcd has. */
function checkUid(
  resource: ServedResource,
  key: string,
  name: string,
  current: KubeObject | undefined,
  uid: string | undefined,
): void {
  if (uid === undefined || uid === '' || uid === current?.metadata.uid) return;
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current?.metadata.uid ?? ''}`;
  const text = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  throw newConflict(groupResource(resource), name, text);
}

/** Compares the object's resourceVersion with the stored one; without one the update is unconditional if it may be. */
function checkVersion(resource: ServedResource, name: string, object: KubeObject, head: Entry): void {
  const text = object.metadata.resourceVersion ?? '';
  const version = parseResourceVersion(text);
  if (version === 0 && (resource.rules.allowUnconditionalUpdate ?? true)) {
    object.metadata.resourceVersion = String(head.modRevision);
    return;
  }
  if (version === 0) {
    const error = invalid(Path.of('metadata', 'resourceVersion'), 0, 'must be specified for an update');
    throw newInvalid(groupResource(resource), name, [error]);
  }
  if (version !== head.modRevision) throw newConflict(groupResource(resource), name, OPTIMISTIC_LOCK);
}

/** @throws StatusError 500 with Go's message for what is not a number */
export function parseResourceVersion(text: string): number {
  if (text === '' || text === '0') return 0;
  const problem = uint64Problem(text);
  if (problem !== undefined) throw newFailure(500, '', problem);
  return Number(text);
}

/** Why Go does not read a text as an uint64; undefined if it does. */
export function uint64Problem(text: string): string | undefined {
  const isNumber = /^\d+$/.test(text);
  if (isNumber && text.replace(/^0+/, '').length <= 20 && BigInt(text) < 2n ** 64n) return undefined;
  return `strconv.ParseUint: parsing ${goQuote(text)}: ${isNumber ? 'value out of range' : 'invalid syntax'}`;
}

/** True when an update took the last finalizer from an object that waits for its deletion. */
function isFinalized(object: KubeObject, old: KubeObject): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0) return false;
  return Boolean(old.metadata.deletionTimestamp) && !old.metadata.deletionGracePeriodSeconds;
}
