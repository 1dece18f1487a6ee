import { type Clock, type ObjectKey, sleep } from 'nekube/client';
import { LOW_PRIORITY, type Source } from 'nekube/controller';

/** A source of requests that come again and again, whether something happened or not. */
export function resyncSource({
  clock,
  periodMs,
  keys,
}: {
  readonly clock: Clock;
  /** 0: never. */
  readonly periodMs: number;
  /** What is requested each time. */
  readonly keys: () => Iterable<ObjectKey>;
}): Source<ObjectKey> {
  return {
    name: 'resync',
    async start(queue, signal) {
      if (periodMs <= 0) return;
      const run = async (): Promise<void> => {
        for (;;) {
          await sleep(periodMs, clock, signal);
          for (const key of keys()) queue.add(key, { priority: LOW_PRIORITY });
        }
      };
      // it ends by the signal alone
      void run().catch(() => {});
    },
  };
}
