import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from 'nekube/apimachinery';
import type { Informer } from './informer.ts';

/** How often it is looked whether objects have changed. */
const PERIOD_MS = 1000;

/**
 * Hands all objects to `handle`, one after the other, at first and when some have changed, a second later at most: for the
 * work of controllers, which nobody waits for. Ends when the signal is aborted.
 *
 * @param complain gets what `handle` throws about an object, which comes again with the next change
 */
export async function handleChanges(
  informer: Pick<Informer, 'generation' | 'list'>,
  handle: (object: KubeObject) => Promise<void>,
  complain: (object: KubeObject, error: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  let seen: number | undefined;
  while (!signal.aborted) {
    const { generation } = informer;
    if (generation !== seen) {
      seen = generation;
      for (const object of informer.list()) await handle(object).catch((error: unknown) => complain(object, error));
    }
    await sleep(PERIOD_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}
