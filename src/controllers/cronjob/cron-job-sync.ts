import { formatTime, isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { controllerOf, type CoreEventRecorder, type ReconcileResult } from 'nekube/controller';
import { isTimeZone, parseSchedule, type Schedule } from 'nekube/cron';
import { FINISHABLE_JOB, type FinishableJob, finishedConditionOf } from '../job/job.ts';
import { isNamespaceTerminating, messageOf } from '../pods/pod-control.ts';
import { CRON_JOB, type CronJob, type CronJobStatus, type JobReference } from './cron-job.ts';
import { dueTime, untilNext } from './due.ts';
import { jobFor, jobNameFor } from './job-for.ts';

/** What one look at a CronJob works with. */
export interface CronJobSyncParts {
  readonly client: Client;
  readonly events: CoreEventRecorder;
  readonly cronJob: CronJob;
  /** All of its namespace. */
  readonly jobs: readonly FinishableJob[];
  readonly now: number;
}

const TIME_ZONES_DOC = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/';

/** The schedule with its time zone, as the parser takes it. */
export function scheduleText({ spec: { schedule, timeZone } }: CronJob): string {
  const isElsewhere = timeZone !== undefined && isTimeZone(timeZone) && !schedule.includes('TZ');
  return isElsewhere ? `TZ=${timeZone} ${schedule}` : schedule;
}

/** One look at a CronJob: Jobs that have ended are counted out and removed, and one is made if it is due. */
export class CronJobSync {
  readonly #parts: CronJobSyncParts;
  /** As the cache had it, or newer. */
  #cronJob: CronJob;
  #status: CronJobStatus;
  #isChanged = false;

  constructor(parts: CronJobSyncParts) {
    this.#parts = parts;
    this.#cronJob = parts.cronJob;
    this.#status = statusOf(parts.cronJob);
  }

  async run(): Promise<ReconcileResult | undefined> {
    const { jobs } = this.#parts;
    const mine = jobs.filter((job) => controllerOf(job)?.name === this.#cronJob.metadata.name);
    await this.#removeOld(mine);
    try {
      return await this.#schedule(mine);
    } finally {
      if (this.#isChanged) await this.#writeStatus();
    }
  }

  /** As many as the limits say are kept, the newest. */
  async #removeOld(jobs: readonly FinishableJob[]): Promise<void> {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = this.#cronJob.spec;
    const ended = (type: string): FinishableJob[] => jobs.filter((job) => finishedConditionOf(job)?.type === type);
    for (const [type, limit] of [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const) {
      if (limit === undefined) continue;
      const oldestFirst = ended(type).sort(byStart);
      for (const job of oldestFirst.slice(0, Math.max(0, oldestFirst.length - limit))) await this.#delete(job);
    }
  }

  async #schedule(jobs: readonly FinishableJob[]): Promise<ReconcileResult | undefined> {
    for (const job of jobs) await this.#note(job);
    await this.#forgetMissing(new Set(jobs.map(({ metadata }) => metadata.uid)));
    const { now } = this.#parts;
    const cronJob = this.#cronJob;
    if (cronJob.metadata.deletionTimestamp !== undefined) return undefined;
    const schedule = this.#usableSchedule();
    if (schedule === undefined) return undefined;
    const due = dueTime(cronJob, now, schedule);
    if (typeof due === 'string') {
      this.#warn('InvalidSchedule', `invalid schedule: ${cronJob.spec.schedule} : ${due}`);
      return undefined;
    }
    const again = { requeueAfterMs: untilNext(cronJob, now, schedule) };
    if (due === undefined) return again;
    if (due.manyMissed) {
      const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      this.#warn('TooManyMissedTimes', `too many missed start times. ${advice}`);
    }
    if (!this.#mayStart(due.at)) return again;
    if (!(await this.#start(due.at))) return undefined;
    const scheduled = { ...cronJob, status: this.#status };
    return { requeueAfterMs: untilNext(scheduled, now, schedule) };
  }

  /** Whether a Job has ended, or is nobody knows whose. */
  async #note(job: FinishableJob): Promise<void> {
    const { uid, name = '' } = job.metadata;
    const finished = finishedConditionOf(job);
    if (finished === undefined) {
      if (this.#isActive(uid)) return;
      if (await this.#isKnownMeanwhile(uid)) return;
      this.#warn('UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`);
      return;
    }
    if (this.#isActive(uid)) {
      this.#drop(uid);
      this.#tell('SawCompletedJob', `Saw completed job: ${name}, condition: ${finished.type}`);
    }
    const at = job.status?.completionTime;
    if (finished.type !== 'Complete' || at === undefined) return;
    const { lastSuccessfulTime } = this.#status;
    if (lastSuccessfulTime !== undefined && Date.parse(at) <= Date.parse(lastSuccessfulTime)) return;
    this.#status.lastSuccessfulTime = at;
    this.#isChanged = true;
  }

  /** Whether the server knows a Job to be active; then the cache is behind, and what the server has is gone by from here on. */
  async #isKnownMeanwhile(uid: string | undefined): Promise<boolean> {
    const { namespace, name = '' } = this.#cronJob.metadata;
    const newest = await this.#parts.client.get(CRON_JOB, { namespace, name });
    const status = statusOf(newest);
    if (!status.active!.some((one) => one.uid === uid)) return false;
    // a change that was noted already is kept: its write fails for the old version, and all is looked at again
    if (!this.#isChanged) {
      this.#cronJob = newest;
      this.#status = status;
    }
    return true;
  }

  /** Asks the server, for the cache may not know a new Job yet. */
  async #forgetMissing(known: ReadonlySet<string | undefined>): Promise<void> {
    for (const { uid, namespace, name } of [...this.#status.active!]) {
      if (known.has(uid)) continue;
      try {
        await this.#parts.client.get(FINISHABLE_JOB, { namespace, name });
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error;
        this.#tell('MissingJob', `Active job went missing: ${name}`);
        this.#drop(uid);
      }
    }
  }

  /** The schedule, unless it cannot be used or is suspended. */
  #usableSchedule(): Schedule | undefined {
    const cronJob = this.#cronJob;
    const { schedule, timeZone, suspend } = cronJob.spec;
    if (timeZone !== undefined && !isTimeZone(timeZone)) {
      this.#warn('UnknownTimeZone', `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`);
      return undefined;
    }
    if (suspend === true) return undefined;
    if (schedule.includes('TZ')) {
      const what = `CRON_TZ or TZ used in schedule ${JSON.stringify(schedule)} is not officially supported`;
      this.#warn('UnsupportedSchedule', `${what}, see ${TIME_ZONES_DOC} for more details`);
    }
    const parsed = parseSchedule(scheduleText(cronJob));
    if (typeof parsed !== 'string') return parsed;
    this.#warn('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(schedule)} : ${parsed}`);
    return undefined;
  }

  /** Whether a Job of this time is neither too late, nor made already, nor kept back by one that runs. */
  #mayStart(at: number): boolean {
    const { now } = this.#parts;
    const cronJob = this.#cronJob;
    const { startingDeadlineSeconds, concurrencyPolicy } = cronJob.spec;
    if (startingDeadlineSeconds !== undefined && at + startingDeadlineSeconds * 1000 < now) {
      this.#warn('MissSchedule', `Missed scheduled time to start a job: ${rfc1123(at)}`);
      return false;
    }
    const name = jobNameFor(cronJob, at);
    const { active, lastScheduleTime } = this.#status;
    const isMade = active!.some((one) => one.name === name);
    if (isMade || (lastScheduleTime !== undefined && Date.parse(lastScheduleTime) === at)) return false;
    if (concurrencyPolicy !== 'Forbid' || active!.length === 0) return true;
    this.#tell(
      'JobAlreadyActive',
      'Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    return false;
  }

  /** Makes the Job; false where another has made one of its name or it was counted already. */
  async #start(at: number): Promise<boolean> {
    const { client } = this.#parts;
    const cronJob = this.#cronJob;
    if (cronJob.spec.concurrencyPolicy === 'Replace') await this.#replaceActive();
    let job: KubeObject;
    try {
      job = await client.create(jobFor(cronJob, at));
      this.#tell('SuccessfulCreate', `Created job ${job.metadata.name}`);
    } catch (error) {
      const isThere = isStatusError(error, 'AlreadyExists');
      if (!isThere && !isNamespaceTerminating(error))
        this.#warn('FailedCreate', `Error creating job: ${messageOf(error)}`);
      if (!isThere) throw error;
      job = await client.get(FINISHABLE_JOB, { namespace: cronJob.metadata.namespace, name: jobNameFor(cronJob, at) });
      if (controllerOf(job)?.uid !== cronJob.metadata.uid || this.#isActive(job.metadata.uid)) return false;
    }
    this.#status.active!.push(referenceTo(job));
    this.#status.lastScheduleTime = formatTime(new Date(at));
    this.#isChanged = true;
    return true;
  }

  async #replaceActive(): Promise<void> {
    for (const { namespace, name } of [...this.#status.active!]) {
      let job: FinishableJob;
      try {
        job = await this.#parts.client.get(FINISHABLE_JOB, { namespace, name });
      } catch (error) {
        this.#warn('FailedGet', `Get job: ${messageOf(error)}`);
        throw error;
      }
      if (!(await this.#delete(job))) throw new Error(`could not replace job ${namespace}/${name}`);
    }
  }

  async #delete({ metadata: { namespace, name = '', uid } }: FinishableJob): Promise<boolean> {
    try {
      await this.#parts.client.delete(FINISHABLE_JOB, { namespace, name }, { propagationPolicy: 'Background' });
    } catch (error) {
      this.#warn('FailedDelete', `Deleted job: ${messageOf(error)}`);
      return false;
    }
    this.#drop(uid);
    this.#tell('SuccessfulDelete', `Deleted job ${name}`);
    return true;
  }

  async #writeStatus(): Promise<void> {
    const { active, ...rest } = this.#status;
    const status = { ...(active!.length > 0 && { active }), ...rest };
    await this.#parts.client.update<CronJob>({ ...CRON_JOB, ...this.#cronJob, status }, { subresource: 'status' });
  }

  #isActive(uid: string | undefined): boolean {
    return this.#status.active!.some((one) => one.uid === uid);
  }

  #drop(uid: string | undefined): void {
    this.#status.active = this.#status.active!.filter((one) => one.uid !== uid);
    this.#isChanged = true;
  }

  #tell(reason: string, message: string): void {
    this.#parts.events.record(this.#cronJob, 'Normal', reason, message);
  }

  #warn(reason: string, message: string): void {
    this.#parts.events.record(this.#cronJob, 'Warning', reason, message);
  }
}

function statusOf({ status }: CronJob): CronJobStatus {
  return { ...status, active: [...(status?.active ?? [])] };
}

/** Those that have not started come last. */
function byStart(a: FinishableJob, b: FinishableJob): number {
  const at = ({ status }: FinishableJob): number => (status?.startTime ? Date.parse(status.startTime) : Infinity);
  const [first, second] = [at(a), at(b)];
  return first === second ? (a.metadata.name! < b.metadata.name! ? -1 : 1) : first - second;
}

function referenceTo({ metadata }: KubeObject): JobReference {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = metadata;
  return { ...(FINISHABLE_JOB as { apiVersion: string; kind: string }), name, namespace, uid, resourceVersion };
}

/** As in `Mon, 02 Jan 2006 15:04:05 +0000`. */
function rfc1123(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
