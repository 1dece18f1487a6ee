import { isDeepStrictEqual } from 'node:util';
import type { Condition as KeptCondition } from 'nekube/controller';

/** A condition, without the time of its last transition. */
type NewCondition = Omit<KeptCondition, 'lastTransitionTime'>;

/** What is said of one parent of a route, or of one ancestor of a policy. */
interface Entry {
  readonly controllerName: string;
  readonly conditions: readonly NewCondition[];
}

/** A status, as it is there or as it shall be. */
type Status = Readonly<Record<string, unknown>>;

/** How statuses are merged. */
export interface MergeOptions {
  /** Whose entries and conditions are ours. */
  readonly controllerName: string;
  /** As in `lastTransitionTime`. */
  readonly now: string;
}

/** Types of conditions that we are responsible for: those of them that are not wanted go. */
const OURS: ReadonlySet<string> = new Set([
  'Accepted',
  'Programmed',
  'ResolvedRefs',
  'Conflicted',
  'PartiallyInvalid',
  'OverlappingTLSConfig',
  'InsecureFrontendValidationMode',
  'AddressesAssigned',
  'AttachedListenerSets',
  'SupportedVersion',
  'nekube.dev/Supported',
]);
/** Fields with an entry for each parent, which several controllers share. */
const SHARED: ReadonlySet<string> = new Set(['parents', 'ancestors']);
/** Of a policy's ancestors there may be so many. */
const MOST_ANCESTORS = 16;

/**
 * The status that is to be written: what is wanted, with what others say. A condition whose status stays keeps the time of its last
 * transition; conditions of types that are none of ours, and entries of other controllers, stay as they are. What is not in `wanted` at
 * all stays, too.
 *
 * @returns undefined where nothing would change
 */
export function mergeStatus(
  current: Status | undefined,
  wanted: Status | undefined,
  options: MergeOptions,
): Status | undefined {
  const merged: Record<string, unknown> = { ...current };
  for (const [field, value] of Object.entries(wanted ?? ownNothing(current))) {
    merged[field] = mergeField(field, current?.[field], value, options);
    if (merged[field] === undefined) delete merged[field];
  }
  return isDeepStrictEqual(merged, current ?? {}) ? undefined : merged;
}

/** What says no more of an object that is none of ours any longer: nothing of ours in the lists that are shared. */
function ownNothing(current: Status | undefined): Status {
  return Object.fromEntries(Object.keys(current ?? {}).flatMap((field) => (SHARED.has(field) ? [[field, []]] : [])));
}

function mergeField(field: string, current: unknown, wanted: unknown, options: MergeOptions): unknown {
  if (SHARED.has(field)) return mergeEntries(field, listOf<Entry>(current), listOf<Entry>(wanted), options);
  if (field === 'conditions') return mergeConditions(listOf(current), listOf(wanted), options);
  if (field === 'listeners') return mergeListeners(listOf(current), listOf(wanted), options);
  return wanted;
}

/** Entries stay where they are, so that two controllers never write in turns because of their order. */
function mergeEntries(
  field: string,
  current: readonly Entry[],
  wanted: readonly Entry[],
  options: MergeOptions,
): readonly Entry[] {
  const left = [...wanted];
  const kept = current.flatMap((old) => {
    if (old.controllerName !== options.controllerName) return [old];
    const at = left.findIndex((entry) => isDeepStrictEqual(targetOf(old), targetOf(entry)));
    return at < 0 ? [] : left.splice(at, 1).map((entry) => mergeEntry(old, entry, options));
  });
  const all = [...kept, ...left.map((entry) => mergeEntry(undefined, entry, options))];
  return field === 'ancestors' ? all.slice(0, MOST_ANCESTORS) : all;
}

function mergeEntry(old: Entry | undefined, entry: Entry, options: MergeOptions): Entry {
  return { ...entry, conditions: mergeConditions(listOf(old?.conditions), entry.conditions, options) };
}

/** What an entry is about: its parentRef or ancestorRef. */
function targetOf({ controllerName: _, conditions: _conditions, ...target }: Entry): object {
  return target;
}

function mergeListeners(current: readonly Listener[], wanted: readonly Listener[], options: MergeOptions): Listener[] {
  return wanted.map((listener) => {
    const old = current.find(({ name }) => name === listener.name);
    return { ...listener, conditions: mergeConditions(listOf(old?.conditions), listener.conditions, options) };
  });
}

interface Listener {
  readonly name: string;
  readonly conditions: readonly NewCondition[];
}

function mergeConditions(
  current: readonly NewCondition[],
  wanted: readonly NewCondition[],
  { now }: MergeOptions,
): readonly NewCondition[] {
  const merged = current.filter(({ type }) => !OURS.has(type) || wanted.some((one) => one.type === type));
  for (const condition of wanted) {
    const at = merged.findIndex(({ type }) => type === condition.type);
    const old = merged[at] as KeptCondition | undefined;
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now;
    const made = { ...condition, lastTransitionTime };
    if (at < 0) merged.push(made);
    else merged[at] = isDeepStrictEqual(made, old) ? old! : made;
  }
  return merged;
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
