import type { KubeObject } from 'nekube/apimachinery';
import type { FieldPath } from 'nekube/smd';
import type { AuditEntry } from './audit-entry.ts';
import { writeOf } from './audit-entry.ts';
import { bestMatch, matchOf } from './audit-match.ts';
import { changesBetween } from './changes.ts';
import type { Interval } from './coverage.ts';
import type { AuditedWrite, HistoryObject, HistoryRecord, NewRecord } from './history-record.ts';
import type { HistoryStore, Retention, Scope } from './history-store.ts';
import { type ObjectState, stateOf } from './object-state.ts';
import { PendingAudit } from './pending-audit.ts';
import { StateCache } from './state-cache.ts';

/** How is recorded. */
export interface RecorderOptions {
  readonly store: HistoryStore;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Fields that are not recorded, with all below them. */
  readonly isLeftOut: (path: FieldPath) => boolean;
  /** Is told of every record, once it is on the disk. */
  readonly onRecord?: (record: HistoryRecord) => void;
  /** Is told what is wrong with an object's managedFields. */
  readonly onProblem?: (text: string) => void;
}

/** How objects of a scope are recorded. Calls come in the order of what happened; none waits for the disk. */
export interface ScopeRecorder {
  /** All that there is now; times between the last word of the scope and this were not watched. */
  replace(objects: readonly KubeObject[]): void;
  put(object: KubeObject): void;
  remove(key: { readonly namespace?: string; readonly name?: string }, last: KubeObject | undefined): void;
  /** Until now nothing else happened. */
  progress(): void;
}

/** What is to be done, and of how many objects. */
interface Task {
  readonly run: (batch: Batch) => void;
  readonly objects: number;
}

/** What the next commit writes. */
interface Batch {
  readonly records: NewRecord[];
  readonly changed: Set<number>;
  /** By scope and beginning: what ends and what begins anew may come together. */
  readonly covered: Map<string, readonly [scopeId: number, interval: Interval]>;
  readonly audited: Map<number, readonly [HistoryRecord, AuditedWrite]>;
  isFlush: boolean;
}

/** Of so many objects is committed at once. */
const MOST_AT_ONCE = 256;
/** So far back is looked for the record that an audited write made. */
const AUDIT_LOOKBACK = 20;

/**
 * Makes records of objects as they come, and writes them, many in a commit. What is compared with is what the store has,
 * so that after a restart is found what changed meanwhile; of that only is recorded between which times it happened.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #store: HistoryStore;
  readonly #states: StateCache;
  readonly #scopes = new Map<number, Scope>();
  /** The time of each scope in which all was seen, since it last began. */
  readonly #covered = new Map<number, Interval>();
  readonly #pendingAudit = new PendingAudit();
  #tasks: Task[] = [];
  #writing: Promise<void> | undefined;
  #retention: Retention | undefined;
  #failure: unknown;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#states = new StateCache(options.store);
  }

  /** Records the objects of a scope. */
  scope(scope: Scope): ScopeRecorder {
    const id = this.#store.scopeId(scope);
    this.#scopes.set(id, scope);
    const at = (task: (batch: Batch, now: number) => void): void => {
      const now = this.#options.now();
      this.#do((batch) => task(batch, now));
    };
    return {
      replace: (objects) => this.#replace(id, scope, objects, this.#options.now()),
      put: (object) => at((batch, now) => this.#put(batch, id, scope, object, now)),
      remove: (key, last) => at((batch, now) => this.#remove(batch, id, scope, last ?? key, now)),
      progress: () => at((batch, now) => this.#cover(batch, id, now)),
    };
  }

  /** Tells who made a write, which is recorded already, or will be. */
  audited(entry: AuditEntry): void {
    this.#do((batch) => this.#audited(batch, entry));
  }

  /** Resolves when all that was told so far is on the disk, also what could have waited. @throws what writing threw */
  async flush(): Promise<void> {
    this.#do((batch) => void (batch.isFlush = true));
    while (this.#writing !== undefined) await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Forgets what is too old, between two commits. @throws what writing threw */
  async prune(retention: Retention): Promise<void> {
    this.#retention = retention;
    await this.flush();
  }

  /** What writing threw; nothing is recorded any more. */
  get failure(): unknown {
    return this.#failure;
  }

  #do(run: Task['run'], objects = 1): void {
    if (this.#failure !== undefined) return;
    this.#tasks.push({ run, objects });
    this.#writing ??= this.#work().finally(() => (this.#writing = undefined));
  }

  async #work(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.#tasks.length > 0) {
        await this.#commit(this.#nextTasks());
        const retention = this.#retention;
        this.#retention = undefined;
        if (retention !== undefined) await this.#store.prune(retention);
      }
    } catch (error) {
      this.#failure = error;
      this.#tasks = [];
    }
  }

  #nextTasks(): Task[] {
    let objects = 0;
    const end = this.#tasks.findIndex((task) => (objects += task.objects) > MOST_AT_ONCE);
    return this.#tasks.splice(0, end < 0 ? this.#tasks.length : Math.max(end, 1));
  }

  async #commit(tasks: readonly Task[]): Promise<void> {
    const batch: Batch = {
      records: [],
      changed: new Set(),
      covered: new Map(),
      audited: new Map(),
      isFlush: false,
    };
    for (const task of tasks) task.run(batch);
    const written = await this.#store.write({
      records: batch.records,
      states: this.#states.take(batch.changed, batch.isFlush),
      covered: [...batch.covered.values()],
      audited: [...batch.audited.values()],
    });
    for (const record of written) this.#options.onRecord?.(record);
  }

  /** In parts, so that what is made of many objects need not be in memory at once; what is covered is said with the last. */
  #replace(id: number, scope: Scope, objects: readonly KubeObject[], now: number): void {
    let since: number | undefined;
    const there = new Set<number>();
    this.#do(() => {
      const before = this.#covered.get(id) ?? this.#store.covered(id).at(-1);
      // the clock may have been set back meanwhile
      if (before !== undefined) since = Math.min(before.to, now);
    });
    for (let start = 0; start < objects.length; start += MOST_AT_ONCE) {
      const part = objects.slice(start, start + MOST_AT_ONCE);
      this.#do((batch) => {
        for (const object of part) there.add(this.#see(batch, id, scope, object, now, since).id);
      }, part.length);
    }
    this.#do((batch) => {
      if (since !== undefined) this.#missing(batch, id, scope, there, now, since);
      // from here on nothing is missed; what was before is a time of its own
      this.#covered.delete(id);
      this.#cover(batch, id, now);
    });
  }

  /** Objects that were there, and are among those that are there no more. */
  #missing(batch: Batch, id: number, scope: Scope, there: ReadonlySet<number>, now: number, since: number): void {
    for (const object of this.#store.objects()) {
      if (there.has(object.id) || object.group !== scope.group || object.kind !== scope.kind) continue;
      const state = this.#states.get(object.id);
      if (state?.isPresent && state.scope === id) this.#gone(batch, scope, object, state, undefined, now, since);
    }
  }

  #put(batch: Batch, id: number, scope: Scope, object: KubeObject, now: number): void {
    this.#see(batch, id, scope, object, now, undefined);
    this.#cover(batch, id, now);
  }

  #remove(batch: Batch, id: number, scope: Scope, last: RemovedObject, now: number): void {
    const { name = '', namespace = '' } = 'metadata' in last ? last.metadata : last;
    const object = this.#store.find(scope.group, scope.kind, namespace, name);
    const state = object && this.#states.get(object.id);
    if (object !== undefined && state?.isPresent)
      this.#gone(batch, scope, object, state, 'metadata' in last ? last : undefined, now, undefined);
    this.#cover(batch, id, now);
  }

  #cover(batch: Batch, id: number, now: number): void {
    const interval = { from: this.#covered.get(id)?.from ?? now, to: now };
    this.#covered.set(id, interval);
    batch.covered.set(`${id} ${interval.from}`, [id, interval]);
  }

  /** Compares an object with how it was last seen; `since`: it was not watched from then until now. */
  #see(
    batch: Batch,
    id: number,
    scope: Scope,
    seen: KubeObject,
    now: number,
    since: number | undefined,
  ): HistoryObject {
    const { group, version, kind } = scope;
    const { name, namespace = '' } = seen.metadata;
    const object = this.#store.objectOf({ group, version, kind, namespace, name: name! });
    const { salt } = this.#store;
    const { state, problems } = stateOf(seen, object, {
      scope: id,
      seenAt: now,
      salt,
      isLeftOut: this.#options.isLeftOut,
    });
    const known = this.#states.get(object.id);
    let before = known?.isPresent ? known : undefined;
    if (before?.uid === state.uid && before.resourceVersion === state.resourceVersion) {
      if (before.scope !== id) this.#states.set(object.id, { ...before, scope: id });
      return object;
    }
    for (const problem of problems)
      this.#options.onProblem?.(`${kind} ${namespace ? `${namespace}/` : ''}${name}: ${problem}`);
    if (before !== undefined && before.uid !== state.uid) {
      this.#gone(batch, scope, object, before, undefined, now, since);
      before = undefined;
    }
    const type = before !== undefined ? 'changed' : this.#isNew(seen, id, since) ? 'created' : 'found';
    const changes = changesBetween(before, state, since);
    this.#states.set(object.id, state);
    if (changes.length === 0) return object;
    this.#add(batch, {
      object,
      uid: state.uid,
      type,
      resourceVersion: state.resourceVersion,
      seenAt: now,
      ...(since !== undefined && type !== 'found' && { since }),
      writers: state.writers,
      changes,
      ...controllerOf(seen),
    });
    return object;
  }

  /** Whether an object that was not known was made since all was seen; a selector may also have come to select it. */
  #isNew({ metadata }: KubeObject, scope: number, since: number | undefined): boolean {
    const from = since ?? this.#covered.get(scope)?.from;
    const created = Date.parse(metadata.creationTimestamp ?? '');
    return from !== undefined && created >= Math.floor(from / 1000) * 1000;
  }

  #gone(
    batch: Batch,
    scope: Scope,
    object: HistoryObject,
    state: ObjectState,
    last: KubeObject | undefined,
    now: number,
    since: number | undefined,
  ): void {
    const isSelection = scope.labelSelector !== undefined || scope.fieldSelector !== undefined;
    this.#states.set(object.id, { ...state, isPresent: false, seenAt: now, fields: new Map() });
    this.#add(batch, {
      object,
      uid: state.uid,
      type: isSelection ? 'left' : 'deleted',
      resourceVersion: last?.metadata.resourceVersion ?? '',
      seenAt: now,
      ...(since !== undefined && { since }),
      writers: [],
      changes: [],
      ...controllerOf(last),
    });
  }

  #add(batch: Batch, record: NewRecord): void {
    const entry = this.#pendingAudit.take(record);
    batch.records.push(entry === undefined ? record : { ...record, audited: writeOf(entry) });
    batch.changed.add(record.object.id);
  }

  #audited(batch: Batch, entry: AuditEntry): void {
    const { group, resource, namespace, name } = entry;
    const scope = [...this.#scopes.values()].find((one) => one.group === group && one.resource === resource);
    if (scope === undefined) return;
    const object = this.#store.find(group, scope.kind, namespace, name);
    const candidates: (readonly [NewRecord | HistoryRecord, place: number | undefined])[] = [];
    if (object !== undefined) {
      batch.records.forEach((record, i) => {
        if (record.object.id === object.id) candidates.push([record, i]);
      });
      for (const record of this.#store.records(object.id, { reverse: true })) {
        if (candidates.length >= AUDIT_LOOKBACK) break;
        if (!batch.audited.has(record.seq)) candidates.push([record, undefined]);
      }
    }
    const best = bestMatch(candidates, ([record]) => matchOf(entry, record));
    if (best === undefined) return this.#pendingAudit.add(entry, scope.kind);
    const [record, place] = best;
    if (place !== undefined) batch.records[place] = { ...record, audited: writeOf(entry) };
    else batch.audited.set((record as HistoryRecord).seq, [record as HistoryRecord, writeOf(entry)]);
  }
}

type RemovedObject = KubeObject | { readonly namespace?: string; readonly name?: string };

function controllerOf(object: KubeObject | undefined): { readonly controller?: string } {
  const uid = object?.metadata.ownerReferences?.find(({ controller }) => controller)?.uid;
  return uid === undefined ? {} : { controller: uid };
}
