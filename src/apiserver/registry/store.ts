import { type KubeObject, newNotFound, StatusError } from 'nekube/apimachinery';
import type { Entry, GetOptions, Storage } from 'nekube/storage';
import { ignoreManagedFieldsTimestamps } from '../field-manager/index.ts';
import { alreadyExists, generateName } from './generated-name.ts';
import { checkCreateVersion, checkUid, checkVersion } from './preconditions.ts';
import { fillSystemFields, matchNamespace, prepareCreate, prepareUpdate, wipeSystemFields } from './prepare.ts';
import { decodeRecord, encodeRecord, sameRecord } from './record.ts';
import { groupResource, keyOf, type ServedResource } from './served.ts';
import type { DeleteDecision, Finish, UpdateOptions, WriteHooks, WriteOptions, Written } from './write-options.ts';

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
  async get(resource: ServedResource, namespace: string, name: string, options?: GetOptions): Promise<Entry> {
    const entry = await this.#storage.get(keyOf(resource, namespace, name), options);
    if (entry === undefined) throw newNotFound(groupResource(resource), name);
    return entry;
  }

  /** The newest version of an object, also one that is not durable yet: for decisions about writes. */
  async head(resource: ServedResource, namespace: string, name: string): Promise<KubeObject | undefined> {
    const entry = await this.#storage.head(keyOf(resource, namespace, name));
    return entry && this.decode(resource, entry);
  }

  /**
   * An object as this server knows it, for those who decide by informers in kube-apiserver: another server may have changed
   * it a moment ago. One that is not known is asked for.
   */
  async known(resource: ServedResource, namespace: string, name: string): Promise<KubeObject | undefined> {
    const key = keyOf(resource, namespace, name);
    const entry = (await this.#storage.head(key, MAY_LAG)) ?? (await this.#storage.head(key));
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
    generateName(object);
    fillSystemFields(object, options.context.now);
    const finish = await this.#beforeCreate(resource, namespace, object, options);
    try {
      const key = keyOf(resource, namespace, object.metadata.name!);
      if (!options.dryRun) checkCreateVersion(object);
      const value = recordOf(resource, object);
      const entry = options.dryRun
        ? await this.#pretendCreate(key, value, revisionIn(object))
        : await this.#insert(resource, key, value);
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

  /** What is not stored keeps the version that it came with. */
  async #pretendCreate(key: string, value: Buffer, revision: number): Promise<Entry | undefined> {
    return (await this.#storage.head(key)) === undefined ? entryOf(key, value, revision, 0) : undefined;
  }

  /** @returns what to call when it is known whether the object was stored */
  async #beforeCreate(
    resource: ServedResource,
    namespace: string,
    object: KubeObject,
    options: WriteOptions,
  ): Promise<Finish> {
    matchNamespace(resource, namespace, object);
    delete object.metadata.deletionTimestamp;
    delete object.metadata.deletionGracePeriodSeconds;
    const finish = (await this.#hooks.get(resource.keyPrefix)?.begin?.(object, undefined, options.dryRun)) ?? nothing;
    try {
      prepareCreate(resource, object, options);
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
    return this.#tryUntilItHolds(key, options.dryRun, async (head) => {
      const current = head && this.decode(resource, head);
      if (head === undefined && !resource.rules.allowCreateOnUpdate && !options.forceAllowCreate)
        throw newNotFound(groupResource(resource), name);
      checkUid(resource, key, name, current, options.uid);
      const object = await transform(current);
      return head === undefined || current === undefined
        ? this.#createByUpdate(resource, namespace, object, options)
        : this.#replace(resource, namespace, name, object, { head, current }, options);
    });
  }

  /**
   * Tries with what this server knows, and after that with what is the newest: a refusal counts only if it is about that.
   *
   * @param attempt gives undefined if what it was given is not the newest any more
   */
  async #tryUntilItHolds<T>(
    key: string,
    dryRun: boolean,
    attempt: (head: Entry | undefined) => Promise<T | undefined>,
  ): Promise<T> {
    let head = await this.#storage.head(key, dryRun ? {} : MAY_LAG);
    for (let isNewest = dryRun; ; isNewest = true) {
      let refusal: { readonly error: unknown } | undefined;
      try {
        const outcome = await attempt(head);
        if (outcome !== undefined) return outcome;
      } catch (error) {
        if (isNewest) throw error;
        refusal = { error };
      }
      const before = head?.modRevision;
      head = await this.#storage.head(key);
      if (refusal !== undefined && head?.modRevision === before) throw refusal.error;
    }
  }

  /** True if nobody has changed the entry since: what is not written must be so, too. */
  async #isNewest({ key, modRevision }: Entry): Promise<boolean> {
    const newest = await this.#storage.head(key);
    return newest?.modRevision === modRevision;
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
    const entry = options.dryRun ? await this.#pretendCreate(key, value, 0) : await this.#insert(resource, key, value);
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
      prepareUpdate(resource, namespace, object, current, options);
      await options.validate(object, current);
      const written = await this.#write(resource, object, stored, options);
      await finish(written !== undefined && !options.dryRun);
      return written;
    } catch (error) {
      await finish(false);
      throw error;
    }
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
      if (!(await this.#isNewest(head))) return undefined;
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
    return this.#tryUntilItHolds(key, dryRun, async (head) => {
      if (head === undefined) throw newNotFound(groupResource(resource), name);
      const object = this.decode(resource, head);
      const decision = await decide(object, head);
      if (decision === 'keep') {
        if (!(await this.#isNewest(head))) return undefined;
        await this.#storage.settled(head.modRevision);
        return { entry: head, gone: false };
      }
      return this.#carryOut(resource, head, object, decision, dryRun, beforeRemove);
    });
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

const nothing = (): void => {};
const MAY_LAG = { mayLag: true } as const;

/** The bytes to be stored. Custom resources say in which version they are. */
function recordOf(resource: ServedResource, object: KubeObject): Buffer {
  return encodeRecord(resource.normalizeHub(object), resource.custom);
}

function entryOf(key: string, value: Buffer, modRevision: number, createRevision: number): Entry {
  return { key, value, modRevision, createRevision };
}

function revisionIn({ metadata }: KubeObject): number {
  return /^\d{1,15}$/.test(metadata.resourceVersion ?? '') ? Number(metadata.resourceVersion) : 0;
}

/** True when an update took the last finalizer from an object that waits for its deletion. */
function isFinalized(object: KubeObject, old: KubeObject): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0) return false;
  return Boolean(old.metadata.deletionTimestamp) && !old.metadata.deletionGracePeriodSeconds;
}
