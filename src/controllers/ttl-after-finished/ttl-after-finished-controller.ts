import { isStatusError } from 'nekube/apimachinery';
import type { BuiltinController } from '../builtin-controller.ts';
import { JOB } from '../job/job.ts';
import { expiryOf } from './expiry.ts';

/** Deletes Jobs that have ended, with their pods, when their `ttlSecondsAfterFinished` is over. */
export const ttlAfterFinishedController: BuiltinController = {
  name: 'ttl-after-finished-controller',
  setUp({ manager, client, clock }) {
    manager
      .controller(this.name, { maxConcurrentReconciles: 5 })
      .for(JOB)
      .reconcile(async (key, { object: job, signal }) => {
        const expiresAt = job && expiryOf(job);
        if (expiresAt === undefined) return undefined;
        const leftMs = expiresAt - clock.now();
        if (leftMs > 0) return { requeueAfterMs: leftMs };
        try {
          // the cache may be behind, and what is deleted cannot be brought back
          const latest = await client.get(JOB, key, { signal });
          const expired = expiryOf(latest);
          if (expired === undefined) return undefined;
          const stillMs = expired - clock.now();
          if (stillMs > 0) return { requeueAfterMs: stillMs };
          const preconditions = { uid: latest.metadata.uid! };
          await client.delete(JOB, key, { propagationPolicy: 'Foreground', preconditions, signal });
        } catch (error) {
          if (!isStatusError(error, 'NotFound')) throw error;
        }
        return undefined;
      });
  },
};
