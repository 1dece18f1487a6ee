import type { FieldPath } from 'nekube/smd';
import { DependentCounter, type Dependents } from './dependents.ts';
import { type RecordedChange, type HistoryObject, type HistoryRecord, timeOfChange } from './history-record.ts';
import { identityOfKept, type KeptValue, keptOfIdentity } from './kept-value.ts';
import { pathOfText } from './path-text.ts';
import { type FieldWrite, type War, WarDetector, type WarEvent, type WarRules } from './war-detector.ts';

/** A drift war over a field of an object. */
export interface DriftWar extends Omit<War, 'field' | 'sides'> {
  readonly type: WarEvent['type'];
  readonly object: HistoryObject;
  readonly path: FieldPath;
  /** Who writes against each other, and what each wrote last; undefined: it removed the field. */
  readonly sides: readonly { readonly manager: string; readonly value: KeptValue | undefined }[];
  /** What was seen of objects that depend on this one, within the window. */
  readonly dependents: Dependents;
}

/** Finds drift wars in records, in the order in which these were seen; records of all objects mixed. */
export class DriftWars {
  readonly #detector: WarDetector;
  readonly #dependents: DependentCounter;
  readonly #rules: WarRules;

  constructor(rules: WarRules) {
    this.#rules = rules;
    this.#detector = new WarDetector(rules);
    this.#dependents = new DependentCounter(rules.windowMs);
  }

  /** Takes a record; gives the wars that it begins. */
  observe(record: HistoryRecord): DriftWar[] {
    this.#dependents.observe(record);
    const begun: DriftWar[] = [];
    for (const change of record.changes) {
      if (change.isOwnersOnly) continue;
      const write = writeOf(record, change);
      // what nobody wrote within the window is not yet part of anything
      if (record.type === 'found' && write.time < record.seenAt - this.#rules.windowMs) continue;
      const event = this.#detector.observe(write);
      if (event !== undefined) begun.push(this.#told(event));
    }
    return begun;
  }

  /** Tells which wars ended. */
  settle(now: number): DriftWar[] {
    return this.#detector.settle(now).map((event) => this.#told(event));
  }

  /** The wars that go on. */
  get wars(): DriftWar[] {
    return this.#detector.wars.map((war) => this.#told({ type: 'begun', war }));
  }

  #told({ type, war: { field, sides, ...war } }: WarEvent): DriftWar {
    const { object, uid, path } = JSON.parse(field) as FieldName;
    return {
      type,
      object,
      path: pathOfText(path),
      sides: sides.map(({ manager, value }) => ({
        manager,
        value: value === undefined ? undefined : keptOfIdentity(value),
      })),
      ...war,
      dependents: this.#dependents.of(uid, war.since),
    };
  }
}

/**
 * All drift wars in records, which come in the order in which they were seen: each as it ended, or as it is now.
 *
 * @param now milliseconds since 1970
 */
export function warsIn(records: Iterable<HistoryRecord>, rules: WarRules, now: number): DriftWar[] {
  const wars = new DriftWars(rules);
  const ended: DriftWar[] = [];
  let settled = Number.NEGATIVE_INFINITY;
  for (const record of records) {
    if (record.seenAt - settled > rules.windowMs / 20) ended.push(...wars.settle((settled = record.seenAt)));
    wars.observe(record);
  }
  ended.push(...wars.settle(now));
  return [...ended, ...wars.wars].sort((a, b) => a.since - b.since);
}

/** What the detector knows a field by. Written down whole, so that nothing need be remembered beside it. */
interface FieldName {
  readonly object: HistoryObject;
  readonly uid: string;
  readonly path: string;
}

function writeOf(record: HistoryRecord, { path, value, by, ...rest }: RecordedChange): FieldWrite {
  const { uid, writers } = record;
  const { id, group, version, kind, namespace, name } = record.object;
  const field: FieldName = { object: { id, group, version, kind, namespace, name }, uid, path };
  return {
    field: JSON.stringify(field),
    manager: by.length === 1 ? writers[by[0]!]!.manager : undefined,
    value: value && identityOfKept(value),
    time: timeOfChange(record, { path, value, by, ...rest }),
  };
}
