import type { HistoryRecord, NewRecord } from './history-record.ts';

/** What was seen of objects that depend on another. */
export interface Dependents {
  readonly replicaSetsCreated: number;
  readonly podsCreated: number;
  readonly podsDeleted: number;
}

interface Happened {
  readonly what: keyof Dependents;
  /** The object that controls it. */
  readonly controller: string;
  readonly time: number;
}

/**
 * Counts what becomes of the ReplicaSets and pods of objects, as far as these are watched too, within a window of time.
 * Pods count for what controls them, and for what controls that.
 */
export class DependentCounter {
  readonly #windowMs: number;
  readonly #happened: Happened[] = [];
  /** What controls a ReplicaSet or Job, by its uid. */
  readonly #controllers = new Map<string, string>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes note of a record; these come in the order in which they were seen. */
  observe(record: NewRecord | HistoryRecord): void {
    const { controller, object, seenAt, type, uid } = record;
    if (controller === undefined) return;
    if (object.kind !== 'Pod') {
      if (type === 'deleted' || type === 'left') this.#controllers.delete(uid);
      else this.#controllers.set(uid, controller);
    }
    const what = eventOf(record);
    if (what === undefined) return;
    this.#happened.push({ what, controller, time: seenAt });
    let old = 0;
    while (old < this.#happened.length && this.#happened[old]!.time < seenAt - this.#windowMs) old++;
    if (old > 1000 || old > this.#happened.length / 2) this.#happened.splice(0, old);
  }

  /** What became of those that depend on an object since a time. */
  of(uid: string, since: number): Dependents {
    const counts = { replicaSetsCreated: 0, podsCreated: 0, podsDeleted: 0 };
    for (const { what, controller, time } of this.#happened) {
      if (time < since) continue;
      if (controller === uid || this.#controllers.get(controller) === uid) counts[what]++;
    }
    return counts;
  }
}

function eventOf({ object, type }: NewRecord | HistoryRecord): keyof Dependents | undefined {
  if (object.kind === 'Pod') {
    if (type === 'created') return 'podsCreated';
    return type === 'deleted' || type === 'left' ? 'podsDeleted' : undefined;
  }
  return object.kind === 'ReplicaSet' && type === 'created' ? 'replicaSetsCreated' : undefined;
}
