import type { KeptValue } from './kept-value.ts';

/** An object of which there is a history. Objects of the same name that come one after another share it. */
export interface HistoryObject {
  /** Its number in the store. */
  readonly id: number;
  readonly group: string;
  /** The version that it was last seen in. */
  readonly version: string;
  readonly kind: string;
  /** Empty where its kind has no namespaces. */
  readonly namespace: string;
  readonly name: string;
}

/** A manager's entry, as it stood beside a change. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** When the manager last changed anything of the object: milliseconds since 1970, whole seconds; if that is known. */
  readonly time?: number;
}

/** What became of a field. */
export interface RecordedChange {
  /** See `textOfPath`. */
  readonly path: string;
  /** Undefined: the field is gone. */
  readonly value: KeptValue | undefined;
  /** Only who owns it changed. */
  readonly isOwnersOnly?: true;
  /** Who owns it now: places among the writers of the record. */
  readonly owners: readonly number[];
  /** Who may have done it: one is certain, of several it was one of them, and none means that it is not known. */
  readonly by: readonly number[];
}

/** Who made a request, as the audit log says. */
export interface AuditedWrite {
  readonly user: string;
  /** As whom the user acted. */
  readonly impersonated?: string;
  readonly userAgent?: string;
  readonly verb: string;
  /** When the request was answered: milliseconds since 1970. */
  readonly time: number;
}

/**
 * What was seen of an object, once.
 *
 * - `found`: it was there when watching began; all its fields.
 * - `created`: it was made while it was watched, or since; all its fields.
 * - `changed`: some of its fields did.
 * - `deleted`: it is gone. `left`: it is gone, or no longer among the objects that are watched by a selector.
 */
export interface HistoryRecord {
  /** Grows from record to record. */
  readonly seq: number;
  readonly object: HistoryObject;
  readonly uid: string;
  readonly type: 'found' | 'created' | 'changed' | 'deleted' | 'left';
  readonly resourceVersion: string;
  /** Milliseconds since 1970, by the clock of who watched. */
  readonly seenAt: number;
  /** It was not watched between this and `seenAt`, and happened at some time between, in any number of steps. */
  readonly since?: number;
  readonly audited?: AuditedWrite;
  readonly writers: readonly Writer[];
  readonly changes: readonly RecordedChange[];
  /** The uid of the object that controls it. */
  readonly controller?: string;
}

/** A record that has no number yet. */
export type NewRecord = Omit<HistoryRecord, 'seq'>;

/**
 * When a change was made, as well as it is known: by the audit log, by the entry of who made it, else when it was seen.
 * Of what was not watched it is the latest moment.
 */
export function timeOfChange(record: HistoryRecord, change?: RecordedChange): number {
  const { audited, seenAt, since, writers } = record;
  if (audited !== undefined) return audited.time;
  const by = change?.by ?? byOf(record);
  const time = by.length === 1 ? writers[by[0]!]?.time : undefined;
  if (time === undefined || (record.type !== 'found' && time < (since ?? Number.NEGATIVE_INFINITY))) return seenAt;
  return time;
}

/** Who all changes of a record are by, if that is one. */
function byOf({ changes }: HistoryRecord): readonly number[] {
  const all = new Set(changes.flatMap(({ by }) => by));
  return all.size === 1 ? [...all] : [];
}
