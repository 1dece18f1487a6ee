import type { ObjectKey, ObjectStore } from 'nekube/client';
import { CoreEventRecorder, type EventHandler, type ObjectEvent, type RequestQueue } from 'nekube/controller';
import { parseSchedule } from 'nekube/cron';
import type { BuiltinController } from '../builtin-controller.ts';
import { FINISHABLE_JOB, type FinishableJob } from '../job/job.ts';
import { resolveController } from '../workload/claim.ts';
import { CRON_JOB, type CronJob } from './cron-job.ts';
import { CronJobSync, scheduleText } from './cron-job-sync.ts';
import { untilNext } from './due.ts';

const NAME = 'cronjob-controller';

/** Makes a Job whenever a CronJob is due, by the clocks of its zone, and removes those that have ended. */
export const cronJobController: BuiltinController = {
  name: NAME,
  setUp({ manager, client, clock }) {
    const { store: cronJobs } = manager.cache.informer(CRON_JOB);
    const { store: jobs } = manager.cache.informer(FINISHABLE_JOB);
    const events = new CoreEventRecorder(client, NAME, clock);
    manager
      .controller(NAME, { maxConcurrentReconciles: 5 })
      .watches(CRON_JOB, new CronJobEvents(() => clock.now()))
      .watches(FINISHABLE_JOB, new JobEvents(cronJobs))
      .reconcile(async (key) => {
        const cronJob = cronJobs.get(key);
        if (cronJob === undefined) return undefined;
        return new CronJobSync({ client, events, cronJob, jobs: jobs.list(key.namespace), now: clock.now() }).run();
      });
  },
};

/** A CronJob whose schedule changed is looked at when it is due next, any other at once. */
class CronJobEvents implements EventHandler<CronJob> {
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  handle(event: ObjectEvent<CronJob>, queue: RequestQueue<ObjectKey>): void {
    const { object } = event;
    const { namespace, name = '' } = object.metadata;
    const key = { name, ...(namespace !== undefined && { namespace }) };
    if (event.type !== 'updated' || !isMoved(object, event.old)) return queue.add(key);
    const schedule = parseSchedule(scheduleText(object));
    if (typeof schedule !== 'string') queue.add(key, { afterMs: untilNext(object, this.#now(), schedule) });
  }
}

function isMoved({ spec }: CronJob, { spec: old }: CronJob): boolean {
  return spec.schedule !== old.schedule || spec.timeZone !== old.timeZone;
}

/** Requests the CronJobs that a Job belongs to and belonged to. */
class JobEvents implements EventHandler<FinishableJob> {
  readonly #cronJobs: ObjectStore<CronJob>;

  constructor(cronJobs: ObjectStore<CronJob>) {
    this.#cronJobs = cronJobs;
  }

  handle(event: ObjectEvent<FinishableJob>, queue: RequestQueue<ObjectKey>): void {
    for (const job of event.type === 'updated' ? [event.old, event.object] : [event.object]) {
      const owner = resolveController(job, CRON_JOB, (key) => this.#cronJobs.get(key));
      if (owner !== undefined) queue.add({ namespace: owner.metadata.namespace!, name: owner.metadata.name! });
    }
  }
}
