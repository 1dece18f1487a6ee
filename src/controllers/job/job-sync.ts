import { formatTime, labelSelectorFromObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { CoreEventRecorder, ReconcileResult } from 'nekube/controller';
import { POD, type Pod } from '../pods/pod.ts';
import { claimObjects } from '../workload/claim.ts';
import { type Backoff, backoffAfter } from './backoff.ts';
import { countPods, type JobCounts } from './counts.ts';
import { conditionOf, deadlineMs, endOf } from './finish.ts';
import { JOB, type Job, type JobCondition, type JobStatus, TRACKING } from './job.ts';
import type { JobPods } from './job-pods.ts';
import { podsWanted } from './pods-wanted.ts';
import { countEnded, countReleased, type Uncounted } from './tally.ts';

/** Pods change in bursts: a Job is looked at again no sooner than after that. */
export const BATCH_MS = 1000;

/** What one look at a Job works with. */
export interface JobSyncParts {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  readonly pods: JobPods;
  readonly backoff: Backoff;
  readonly now: number;
  /** Whether the cache shows all pods that were made and deleted. */
  readonly isSettled: boolean;
  /** UIDs of pods whose finalizer went unseen. */
  readonly released: ReadonlySet<string>;
}

/** One look at a Job: pods are made and deleted, those that ended are counted, and it is seen whether it is at its end. */
export class JobSync {
  readonly #parts: JobSyncParts;
  #job: Job;
  #status: JobStatus;
  #isChanged = false;
  #backoff: Backoff;

  constructor(job: Job, parts: JobSyncParts) {
    this.#parts = parts;
    this.#job = job;
    this.#status = structuredClone(job.status ?? {});
    this.#backoff = parts.backoff;
  }

  /** How often pods failed, as far as it is written down. */
  get backoff(): Backoff {
    return this.#backoff;
  }

  /** The version that was written last. */
  get resourceVersion(): string {
    return this.#job.metadata.resourceVersion!;
  }

  /** @param near pods of its namespace that are its own or nobody's */
  async run(near: readonly Pod[]): Promise<ReconcileResult | undefined> {
    const { client, released, now, backoff } = this.#parts;
    const selector = labelSelectorFromObject(this.#job.spec.selector);
    const mine = await claimObjects(client, { owner: this.#job, selector, kind: POD, finalizer: TRACKING }, near);
    const counts = countPods(this.#job, mine, released);
    if (this.#status.startTime === undefined && !this.#job.spec.suspend)
      this.#status.startTime = formatTime(new Date(now));
    this.#job = { ...this.#job, status: this.#status };
    const next = backoffAfter(backoff, counts.newlySucceeded, counts.newlyFailed);
    const found = endOf(this.#job, counts, now);
    const managed = found === undefined ? await this.#manage(counts, next) : await this.#end(found, counts);
    this.#setCount('active', managed.active);
    this.#setCount('ready', managed.ready);
    this.#setCount('terminating', managed.terminating);
    await this.#track(counts, managed.end, next);
    if (managed.error !== undefined) throw managed.error;
    const left = found === undefined ? deadlineMs(this.#job, now) : undefined;
    const waits = [managed.waitMs, left].filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : { requeueAfterMs: Math.max(1, Math.min(...waits)) };
  }

  /** A Job that is at its end has no pods that run; until they are gone it is not declared so. */
  async #end(end: JobCondition, { active, ready, terminating }: JobCounts): Promise<Managed> {
    const removed = await this.#parts.pods.end(this.#job, active);
    const isClean = removed.count === active.length && this.#parts.isSettled;
    return {
      active: active.length - removed.count,
      ready: ready - removed.ready,
      terminating: terminating + removed.count,
      error: removed.error,
      ...(isClean && { end }),
    };
  }

  async #manage(counts: JobCounts, backoff: Backoff): Promise<Managed> {
    const { isSettled, now, pods } = this.#parts;
    const job = this.#job;
    let { active, ready, terminating } = { ...counts, active: counts.active.length };
    let [error, waitMs]: [unknown, number | undefined] = [undefined, undefined];
    const isManaged = isSettled && job.metadata.deletionTimestamp === undefined;
    if (isManaged) {
      const wanted = podsWanted(job, counts, { backoff, now });
      if (wanted.remove.length > 0) {
        const removed = await pods.remove(job, wanted.remove);
        [active, ready, terminating] = [active - removed.count, ready - removed.ready, terminating + removed.count];
        error = removed.error;
      } else if (wanted.create !== 0) {
        const created = await pods.create(job, wanted.create, counts);
        active += created.count;
        error = created.error;
      }
      if (wanted.waitMs !== undefined) waitMs = Math.max(wanted.waitMs, BATCH_MS);
    }
    const { completions } = job.spec;
    const isComplete = active === 0 && counts.succeeded >= (completions ?? 1);
    const base = { active, ready, terminating, error, waitMs };
    if (isComplete) {
      const why = { reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
      return { ...base, end: conditionOf('SuccessCriteriaMet', why, now) };
    }
    if (isManaged) this.#noteSuspension();
    return base;
  }

  /** A Job that goes on begins anew: its deadline is about the time that it runs. */
  #noteSuspension(): void {
    const { now, events } = this.#parts;
    const at = formatTime(new Date(now));
    if (this.#job.spec.suspend) {
      if (!this.#setCondition(conditionOf('Suspended', { reason: 'JobSuspended', message: 'Job suspended' }, now)))
        return;
      events.record(this.#job, 'Normal', 'Suspended', 'Job suspended');
      delete this.#status.startTime;
      return;
    }
    const resumed = { status: 'False', reason: 'JobResumed', message: 'Job resumed' };
    if (!this.#setCondition(conditionOf('Suspended', resumed, now))) return;
    events.record(this.#job, 'Normal', 'Resumed', 'Job resumed');
    this.#status.startTime = at;
  }

  /**
   * Counts pods that have ended in three steps, so that none is counted twice or never whatever happens: their UIDs are
   * written down, their finalizers go, and they are counted (KEP-2307).
   */
  async #track(counts: JobCounts, end: JobCondition | undefined, backoff: Backoff): Promise<void> {
    const uncounted: Uncounted = {
      succeeded: [...(this.#status.uncountedTerminatedPods?.succeeded ?? [])],
      failed: [...(this.#status.uncountedTerminatedPods?.failed ?? [])],
    };
    const tracked = new Set(counts.pods.filter(counts.isTracked).map(({ metadata }) => metadata.uid!));
    this.#isChanged = countReleased(this.#status, uncounted, tracked) || this.#isChanged;
    const ended = countEnded(this.#job, counts, { status: this.#status, uncounted, end });
    this.#isChanged ||= ended.isChanged;
    const final = this.#announce(end);
    if (this.#isChanged) {
      await this.#write(uncounted);
      this.#backoff = backoff;
    }
    const { gone, error } = await this.#parts.pods.release(this.#job, ended.release);
    for (const uid of gone) tracked.delete(uid);
    if (countReleased(this.#status, uncounted, tracked)) this.#isChanged = true;
    if (error !== undefined) {
      if (this.#isChanged) await this.#write(uncounted);
      throw error;
    }
    const hasEnded = final !== undefined && !ended.isCut && this.#conclude(final, uncounted);
    if (hasEnded || this.#isChanged) await this.#write(uncounted);
    if (hasEnded) this.#tellEnd(final);
  }

  /** Writes down what it comes to, before it is there; gives what it is then. */
  #announce(end: JobCondition | undefined): JobCondition | undefined {
    if (end === undefined || end.type === 'Failed') return end;
    const conditions = this.#status.conditions ?? [];
    if (
      end.type === 'FailureTarget' ||
      !conditions.some(({ type, status }) => type === end.type && status === 'True')
    ) {
      this.#status.conditions = [...conditions, end];
      this.#isChanged = true;
    }
    const type = end.type === 'FailureTarget' ? 'Failed' : 'Complete';
    return conditionOf(type, { reason: end.reason!, message: end.message! }, this.#parts.now);
  }

  /** Whether it has ended: nothing is uncounted, and no pod is still on its way out. */
  #conclude(end: JobCondition, { succeeded, failed }: Uncounted): boolean {
    if (succeeded.length + failed.length > 0 || (this.#status.terminating ?? 0) > 0) return false;
    this.#setCondition(end);
    if (end.type === 'Complete') this.#status.completionTime = end.lastTransitionTime!;
    return true;
  }

  #tellEnd({ type, reason = '', message = '' }: JobCondition): void {
    const { events } = this.#parts;
    if (type !== 'Complete') return events.record(this.#job, 'Warning', reason, message);
    const { completions } = this.#job.spec;
    const tooMany = 'Too many succeeded pods running after completion count reached';
    if (completions !== undefined && (this.#status.succeeded ?? 0) > completions)
      events.record(this.#job, 'Warning', 'TooManySucceededPods', tooMany);
    events.record(this.#job, 'Normal', 'Completed', 'Job completed');
  }

  /** Sets a condition, unless it is so, or is false and was never true; whether it changed. */
  #setCondition(condition: JobCondition): boolean {
    const conditions = this.#status.conditions ?? [];
    const known = conditions.find(({ type }) => type === condition.type);
    if (known === undefined && condition.status === 'False') return false;
    const { status, reason, message } = condition;
    if (known?.status === status && known.reason === reason && known.message === message) return false;
    const others = conditions.map((one) => (one === known ? condition : one));
    this.#status.conditions = known === undefined ? [...conditions, condition] : others;
    this.#isChanged = true;
    return true;
  }

  #setCount(field: 'active' | 'ready' | 'terminating', count: number): void {
    const isSame = (this.#status[field] ?? (field === 'active' ? 0 : undefined)) === count;
    this.#status[field] = count;
    if (!isSame) this.#isChanged = true;
  }

  async #write({ succeeded, failed }: Uncounted): Promise<void> {
    const uncountedTerminatedPods = {
      ...(succeeded.length > 0 && { succeeded }),
      ...(failed.length > 0 && { failed }),
    };
    const status = { ...this.#status, uncountedTerminatedPods };
    this.#job = await this.#parts.client.update<Job>({ ...JOB, ...this.#job, status }, { subresource: 'status' });
    this.#isChanged = false;
  }
}

/** What the pods of a Job are, once some were made or deleted. */
interface Managed {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly error: unknown;
  readonly waitMs?: number | undefined;
  /** What the Job ends by, if it does. */
  readonly end?: JobCondition;
}
