import { errorText, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Clock, Reflector, sleep, systemClock } from 'nekube/client';
import type { FieldPath } from 'nekube/smd';
import { AuditTail } from './audit-tail.ts';
import { type DriftWar, DriftWars } from './drift-wars.ts';
import type { HistoryRecord } from './history-record.ts';
import type { HistoryStore, Scope } from './history-store.ts';
import { isNoise } from './noise.ts';
import { Recorder } from './recorder.ts';
import type { WarRules } from './war-detector.ts';

/** How often is looked whether wars ended, the audit log grew, and what could wait is to be written. */
const TICK_MS = 1000;
const FLUSH_MS = 10_000;
const PRUNE_MS = 10 * 60_000;

/** How fields are watched. */
export interface WatchFieldsOptions {
  readonly store: HistoryStore;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly rules: WarRules;
  /** Fields that are not recorded, with all below them; default: those that say nothing of what anybody wants. */
  readonly isLeftOut?: (path: FieldPath) => boolean;
  /** A kube-apiserver's audit log: who made the writes that are seen. */
  readonly auditLog?: string;
  /** How long records are kept, and in how many bytes. */
  readonly keepMs?: number;
  readonly maxBytes?: number;
  readonly clock?: Clock;
  readonly onRecord?: (record: HistoryRecord) => void;
  readonly onWar?: (war: DriftWar) => void;
  /** What could not be read and was passed over. */
  readonly onProblem?: (text: string) => void;
  /**
   * What failed and is tried again.
   *
   * @param wasWatched false: nothing was heard by a watch of these objects so far, they may have been read by a list alone
   */
  readonly onError?: (error: Error, wasWatched: boolean) => void;
  /** All that there was when watching began is recorded. */
  readonly onSynced?: () => void;
}

/**
 * Follows objects, keeps the history of their fields, and finds drift wars, until the signal is aborted. A war that was
 * going on when it last ended is found again in what is kept.
 *
 * @returns How many wars it found.
 * @throws what writing threw: StorageFullError
 */
export async function watchFields(
  client: Client,
  scopes: readonly Scope[],
  { store, signal, clock = systemClock, ...options }: WatchFieldsOptions,
): Promise<number> {
  const wars = new DriftWars(options.rules);
  for (const record of store.recordsSince(clock.now() - options.rules.windowMs)) wars.observe(record);
  wars.settle(clock.now());
  let found = wars.wars.length;
  for (const war of wars.wars) options.onWar?.(war);
  const recorder = new Recorder({
    store,
    now: () => clock.now(),
    isLeftOut: options.isLeftOut ?? isNoise,
    onRecord: (record) => {
      options.onRecord?.(record);
      const begun = wars.observe(record);
      found += begun.length;
      for (const war of begun) options.onWar?.(war);
    },
    ...(options.onProblem && { onProblem: options.onProblem }),
  });
  const tail =
    options.auditLog === undefined
      ? undefined
      : new AuditTail(options.auditLog, {
          onEntry: (entry) => recorder.audited(entry),
          onProblem: (text) => options.onProblem?.(text),
        });
  const stop = new AbortController();
  const until = AbortSignal.any([signal, stop.signal]);
  const synced = countdown(scopes.length, () => void recorder.flush().then(options.onSynced, () => {}));
  const reflectors = scopes.map((scope) => {
    const { group, version, kind, resource, namespaced, namespace, labelSelector, fieldSelector } = scope;
    const served = { apiVersion: group === '' ? version : `${group}/${version}`, kind, resource, namespaced };
    const recording = recorder.scope(scope);
    let isFirst = true;
    const replace = (objects: readonly KubeObject[]): void => {
      recording.replace(objects);
      if (isFirst) synced();
      isFirst = false;
    };
    let wasWatched = false;
    const heard = (): void => void (wasWatched = true);
    return new Reflector(
      client,
      served,
      {
        replace,
        put: (object) => (heard(), recording.put(object)),
        remove: (...gone) => (heard(), recording.remove(...gone)),
        progress: () => (heard(), recording.progress()),
      },
      {
        clock,
        ...(options.onError && { onError: (error) => options.onError!(error, wasWatched) }),
        ...(namespace !== undefined && { namespace }),
        ...(labelSelector !== undefined && { labelSelector }),
        ...(fieldSelector !== undefined && { fieldSelector }),
      },
    ).run(until);
  });
  const ticking = tick(until);
  await Promise.all([...reflectors, ticking.catch(() => stop.abort())]);
  await tail?.read().catch(() => {});
  await tail?.close();
  await ticking;
  await recorder.flush();
  return found;

  /** What happens by time. */
  async function tick(ended: AbortSignal): Promise<void> {
    let flushed = clock.elapsed();
    let pruned = Number.NEGATIVE_INFINITY;
    while (!ended.aborted) {
      await tail?.read().catch((error) => options.onProblem?.(`Cannot read the audit log: ${errorText(error)}`));
      if (recorder.failure !== undefined) throw recorder.failure;
      for (const war of wars.settle(clock.now())) options.onWar?.(war);
      if (clock.elapsed() - flushed >= FLUSH_MS) {
        await recorder.flush();
        flushed = clock.elapsed();
      }
      if (options.keepMs !== undefined && clock.elapsed() - pruned >= PRUNE_MS) {
        const { keepMs, maxBytes } = options;
        await recorder.prune({ before: clock.now() - keepMs, ...(maxBytes !== undefined && { maxBytes }) });
        pruned = clock.elapsed();
      }
      await sleep(TICK_MS, clock, ended).catch(() => {});
    }
  }
}

/** Calls once it was called so often. */
function countdown(count: number, call: () => void): () => void {
  let left = count;
  return () => {
    if (--left === 0) call();
  };
}
