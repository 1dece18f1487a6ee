import { errorText, formatTime, type KubeObject, type ManagedFieldsEntry, newBadRequest } from 'nekube/apimachinery';
import {
  type Applied,
  applyDecided,
  type Change,
  type Conflict,
  Conflicts,
  type Converter,
  type FieldFilter,
  FieldSet,
  type Managers,
  ParseableType,
  pathOf,
  type TypedValue,
  Updater,
  type Value,
  valueAt,
  type VersionedSet,
  Violations,
} from 'nekube/smd';
import { plainError } from '../errors.ts';
import { capUpdaters } from './cap.ts';
import { newConflictError } from 'nekube/managedfields';
import { withConversions } from './conversions.ts';
import type { DecideOwned, OwnedField } from './decide.ts';
import { conflictsBesideLastApplied, updateLastApplied } from './last-applied.ts';
import {
  canonical,
  decodeManaged,
  encodeManaged,
  identifierOf,
  type Managed,
  type ManagedEntry,
  managerInfo,
  type ManagerInfo,
  nothingManaged,
  withManagedFields,
  withOwned,
} from 'nekube/managedfields';
import { converterOf, formatGroupVersionKind, formatObject, type VersionedKind } from './versions.ts';

/** A kind as one endpoint writes it. */
export interface FieldManagerOptions extends VersionedKind {
  /** The version that the endpoint speaks; all objects come and go in it. */
  readonly apiVersion: string;
  readonly kind: string;
  /** The subresource that is written; empty for the object itself. */
  readonly subresource: string;
  /** The object that a create starts from: Go's zero value in canonical form, with apiVersion and kind. */
  empty(): KubeObject;
  /** Makes a merged object canonical and sets its defaults. @throws Error with Go's message */
  decode(merged: KubeObject): KubeObject;
  /** What managers see of an object that is written; default: the object. Its result is read only. */
  seen?(object: KubeObject): KubeObject;
  /** By version: which fields can be owned through this endpoint. */
  readonly filters?: ReadonlyMap<string, FieldFilter>;
  /** The time of entries whose fields have changed. */
  now(): Date;
}

/** Stands for the manager of an update until it is known which fields the update changed. */
const self = 'current-operation';

/** Fields that nobody owns: the server's own, and those that tell which object it is. */
const unowned = FieldSet.of(
  pathOf('apiVersion'),
  pathOf('kind'),
  pathOf('metadata'),
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
    'resourceVersion',
  ].map((field) => pathOf('metadata', field)),
);

/**
 * Keeps the managedFields of a kind's objects, and merges applied configurations, for one endpoint of one version.
 *
 * Objects given are not changed, but for the new object of an update; objects returned share parts with them. Holds no
 * state but caches, and is made once an endpoint.
 */
export class FieldManager {
  private readonly options: FieldManagerOptions;
  private readonly updater: Updater;

  constructor(options: FieldManagerOptions) {
    this.options = options;
    const convert: Converter = converterOf(options);
    this.updater = new Updater({ convert, ...(options.filters && { filters: options.filters }) });
  }

  /** The type that objects of the endpoint's version are merged as; undefined if there is none. */
  get mergeType(): ParseableType | undefined {
    return this.options.typeIn(this.options.apiVersion);
  }

  /**
   * What a change makes with this manager. Where conversions are to be waited for, the change is made again after each of
   * them, and a promise is returned; everywhere else it is made once, now.
   *
   * @param change by `update` or `apply` of the manager that it is given; has no other effects
   */
  settle<T>(change: (fields: FieldManager) => T): T | Promise<T> {
    const { convertLater } = this.options;
    if (convertLater === undefined) return change(this);
    return withConversions(convertLater, (convert) => change(new FieldManager({ ...this.options, convert })));
  }

  /**
   * Accounts for a create, update or patch: `manager` owns what `object` has different from `live`.
   *
   * The managedFields that `object` brings count as what was before, where the endpoint is that of the object itself and
   * they can be read; an empty list, or a list of one empty entry, makes the object forget all of them. An object
   * without managedFields is tracked from its first apply only.
   *
   * @param live the object before, undefined on create
   * @param object decoded; its managedFields are replaced
   * @param manager the name of the manager; empty is `unknown`
   * @returns `object`. Where its fields cannot be accounted for, it is without managedFields.
   */
  update(live: KubeObject | undefined, object: KubeObject, manager: string): KubeObject {
    const before = managedBefore(live, object, this.options.subresource !== '');
    const tracked = before.size > 0 || !live?.metadata.uid;
    const bare = withManagedFields(object, undefined);
    const after = tracked ? this.trackUpdate(live ?? this.options.empty(), bare, before, manager) : before;
    delete object.metadata.managedFields;
    setManagedFields(object, typeof after === 'string' ? undefined : encodeManaged(after));
    return object;
  }

  /**
   * Merges an applied configuration into the live object: `manager` comes to own all fields in `config`, and those it
   * owned and does not mention any more are removed, unless another owns them too.
   *
   * An apply that changes nothing gives the live object, with its times as they were.
   *
   * @param live the object before, undefined on create
   * @param config as the client sent it
   * @param force takes fields that others own
   * @param decide what becomes of the fields that others own, one by one; `force` does not count then
   * @throws StatusError BadRequest: of another kind or version, or with managedFields
   * @throws StatusError Conflict: it would change fields that others own
   * @throws StatusError of code 500: it does not fit the schema
   */
  apply(
    live: KubeObject | undefined,
    config: KubeObject,
    manager: string,
    force: boolean,
    decide?: DecideOwned,
  ): KubeObject {
    this.checkConfig(config);
    let base = live ?? this.options.empty();
    let managed = decodeManaged(base.metadata?.managedFields);
    if (typeof managed === 'string') throw plainError(`failed to decode managed fields: ${managed}`);
    base = withManagedFields(base, undefined);
    if (managed.size === 0 && live !== undefined) managed = this.trackFirst(base);
    const merge = decide
      ? this.mergeDecided(base, config, managed, manager, decide)
      : this.merge(base, config, managed, manager, force);
    const result = this.finish(merge, base, config, managed);
    if (manager === 'kubectl') updateLastApplied(result, config);
    return result;
  }

  private checkConfig(config: KubeObject): void {
    const { apiVersion, kind } = this.options;
    if (config.apiVersion !== apiVersion || config.kind !== kind) {
      throw newBadRequest(`invalid object type: ${formatGroupVersionKind(config.apiVersion, config.kind)}`);
    }
    if (Array.isArray(config.metadata?.managedFields)) throw newBadRequest('metadata.managedFields must be nil');
  }

  /** What an object without managedFields had before its first apply is owned by a manager made up for it. */
  private trackFirst(live: KubeObject): Managed {
    const managed = this.trackUpdate(this.options.empty(), live, nothingManaged, 'before-first-apply');
    if (typeof managed === 'string') throw plainError(`failed to create manager for existing fields: ${managed}`);
    return managed;
  }

  /** The entries after an update; a text where the objects do not fit their schema. */
  private trackUpdate(live: KubeObject, object: KubeObject, before: Managed, manager: string): Managed | string {
    const type = this.type();
    const newTyped = type.parse(valueOf(this.options.seen?.(object) ?? object), { allowDuplicates: true });
    if (newTyped instanceof Violations)
      return `failed to convert new object (${formatObject(object)}) to smd typed: ${newTyped.message}`;
    const liveTyped = type.parse(valueOf(withManagedFields(live, undefined)), { allowDuplicates: true });
    if (liveTyped instanceof Violations)
      return `failed to convert live object (${formatObject(live)}) to smd typed: ${liveTyped.message}`;
    const change = { live: liveTyped, version: this.options.apiVersion, managers: ownedOf(before), manager: self };
    const updated = this.updater.update(change, newTyped);
    if (updated instanceof Violations) return `failed to update ManagedFields: ${updated.message}`;
    return capUpdaters(this.credit(updated.managers, before, manager));
  }

  /** Gives what the update changed to its manager, beside what it owned already. */
  private credit(managers: Managers, before: Managed, manager: string): Managed {
    const info = managerInfo(manager, 'Update', this.options.apiVersion, this.options.subresource);
    const after = new Map<string, ManagedEntry>();
    for (const [identifier, owned] of managers) {
      if (identifier !== self) after.set(identifier, withOwned(before.get(identifier)!, owned));
    }
    const changed = managers.get(self);
    const set = changed?.set.difference(unowned);
    if (changed === undefined || set === undefined || set.empty) return after;
    const identifier = identifierOf(info);
    const previous = after.get(identifier)?.owned.set;
    const owned = { ...changed, set: previous === undefined ? set : set.union(previous) };
    return after.set(identifier, { info, owned, time: this.now(), fields: undefined });
  }

  /** Merges the configuration; kubectl takes what its last client-side apply left as it was. */
  private merge(live: KubeObject, config: KubeObject, managed: Managed, manager: string, force: boolean): Merge {
    const { change, typed, info } = this.prepare(live, config, managed, manager);
    let applied = this.updater.apply(change, typed, force);
    if (applied instanceof Conflicts) {
      const conflicts = besideLastApplied(applied.list, live, info, typed);
      if (conflicts.length > 0) throw newConflictError(conflicts, (id) => managed.get(id)?.info);
      applied = this.updater.apply(change, typed, true) as Applied | Violations;
    }
    if (applied instanceof Violations) throw plainError(applied.message);
    return { applied, info, identifier: change.manager };
  }

  /** Merges the configuration and has its conflicts decided, but for those that kubectl's last apply takes anyway. */
  private mergeDecided(
    live: KubeObject,
    config: KubeObject,
    managed: Managed,
    manager: string,
    decide: DecideOwned,
  ): Merge {
    const { change, typed, info } = this.prepare(live, config, managed, manager);
    const identifier = change.manager;
    const taken = (): KubeObject => {
      const applied = this.updater.apply(change, typed, true) as Applied | Violations;
      if (applied instanceof Violations) throw plainError(applied.message);
      return this.finish({ applied, info, identifier }, live, config, managed);
    };
    const outcome = applyDecided(this.updater, change, typed, (all) => {
      const contested = besideLastApplied(all, live, info, typed);
      const fields = contested.map(({ manager: owner, path }): OwnedField => {
        const { info: ownerInfo, time } = managed.get(owner)!;
        const [was, wanted] = [change.live, typed].map(({ value, type }) => valueAt(value, path, type));
        return { path, owner: ownerInfo, time, live: was, applied: wanted };
      });
      const decisions = fields.length === 0 ? [] : decide(fields, taken);
      return all.map((conflict) => decisions[contested.indexOf(conflict)] ?? 'force');
    });
    if (outcome instanceof Conflicts) throw newConflictError(outcome.list, (id) => managed.get(id)?.info);
    if (outcome instanceof Violations) throw plainError(outcome.message);
    return { applied: outcome.applied, info, identifier };
  }

  /** What a merge starts from. @throws StatusError of code 500: an object does not fit the schema */
  private prepare(live: KubeObject, config: KubeObject, managed: Managed, manager: string): Prepared {
    const type = this.type();
    const typed = type.parse(valueOf(config));
    if (typed instanceof Violations)
      throw plainError(`failed to create typed patch object (${formatObject(config)}): ${typed.message}`);
    const liveTyped = type.parse(valueOf(live), { allowDuplicates: true });
    if (liveTyped instanceof Violations)
      throw plainError(`failed to create typed live object (${formatObject(live)}): ${liveTyped.message}`);
    const info = managerInfo(manager, 'Apply', this.options.apiVersion, this.options.subresource);
    const version = this.options.apiVersion;
    const change = { live: liveTyped, version, managers: ownedOf(managed), manager: identifierOf(info) };
    return { change, typed, info };
  }

  /** The object and its entries after a merge. */
  private finish(
    { applied, info, identifier }: Merge,
    live: KubeObject,
    config: KubeObject,
    managed: Managed,
  ): KubeObject {
    const entries = new Map<string, ManagedEntry>();
    for (const [id, owned] of applied.managers) {
      const before = managed.get(id);
      if (id !== identifier) entries.set(id, withOwned(before!, owned));
      else {
        const set = owned.set.difference(unowned);
        const time = applied.object === undefined ? before?.time : this.now();
        if (!set.empty) entries.set(id, { info, owned: { ...owned, set }, time, fields: undefined });
      }
    }
    const object = applied.object === undefined ? live : this.decode(applied.object.value, config);
    return withManagedFields(object, encodeManaged(entries));
  }

  private decode(merged: Value | undefined, config: KubeObject): KubeObject {
    try {
      return this.options.decode(merged as unknown as KubeObject);
    } catch (error) {
      const why = errorText(error);
      throw plainError(`failed to convert new object (${formatObject(config)}) to proper version: ${why}`, error);
    }
  }

  private type(): ParseableType {
    const { apiVersion, kind } = this.options;
    const type = this.options.typeIn(apiVersion);
    if (type === undefined) throw plainError(`no corresponding type for ${formatGroupVersionKind(apiVersion, kind)}`);
    return type;
  }

  private now(): string {
    return formatTime(this.options.now());
  }
}

interface Prepared {
  readonly change: Change;
  /** The configuration. */
  readonly typed: TypedValue;
  readonly info: ManagerInfo;
}

interface Merge {
  readonly applied: Applied;
  readonly info: ManagerInfo;
  readonly identifier: string;
}

/** The conflicts that count: kubectl has none over what its last client-side apply left as it was. */
function besideLastApplied(
  conflicts: readonly Conflict[],
  live: KubeObject,
  { manager }: ManagerInfo,
  { type }: TypedValue,
): readonly Conflict[] {
  if (manager !== 'kubectl') return conflicts;
  return conflictsBesideLastApplied(conflicts, live, new ParseableType(type));
}

/** Whose entries an update starts from: those in the object, if it may bring any, else those of the live object. */
function managedBefore(live: KubeObject | undefined, object: KubeObject, subresource: boolean): Managed {
  if (!subresource) {
    const entries = object.metadata.managedFields;
    if (isReset(entries)) return nothingManaged;
    const brought = decodeManaged(entries);
    if (typeof brought !== 'string' && brought.size > 0) return canonical(brought);
  }
  const stored = decodeManaged(live?.metadata?.managedFields);
  return typeof stored === 'string' ? nothingManaged : stored;
}

/** True for what clients send to have managedFields forgotten. */
function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (!Array.isArray(entries)) return false;
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0);
}

function ownedOf(managed: Managed): Managers {
  return new Map<string, VersionedSet>([...managed].map(([identifier, entry]) => [identifier, entry.owned]));
}

function setManagedFields(object: KubeObject, entries: ManagedFieldsEntry[] | undefined): void {
  if (entries !== undefined) object.metadata.managedFields = entries;
}

function valueOf(object: KubeObject): Value {
  return object as unknown as Value;
}
