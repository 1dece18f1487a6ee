import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from './client.ts';
import { newInformer } from './informer.ts';
import type { InformerOptions } from './informer-types.ts';
import type { Kind } from './kinds.ts';

/** Something that became of an object. */
export interface FollowedEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: T;
  /** It was there when following began. */
  readonly initial?: true;
  /** The deletion was missed; `object` is what was last known. */
  readonly missed?: true;
}

/** How is followed. */
export interface FollowOptions<T extends KubeObject = KubeObject>
  extends Omit<InformerOptions<T>, 'indexes' | 'resyncMs'> {
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * A watch that goes on: what is there, then what becomes of it, whatever happens to connections, servers and their
 * history. States between may be missing where the history was lost, but every object ends as the server has it. It
 * remembers all objects to do so. What fails on the way is told to `onError` and tried again.
 *
 * Ends when the loop is left, or the signal is aborted. Events wait for the loop, without limit.
 */
export async function* follow<T extends KubeObject>(
  client: Client,
  kind: Kind<T>,
  { signal, ...options }: FollowOptions<T> = {},
): AsyncGenerator<FollowedEvent<T>, void> {
  const events: FollowedEvent<T>[] = [];
  let wake = (): void => {};
  const push = (event: FollowedEvent<T>): void => {
    events.push(event);
    wake();
  };
  const stop = new AbortController();
  const end = (): void => {
    stop.abort(signal?.reason);
    wake();
  };
  if (signal?.aborted) return;
  signal?.addEventListener('abort', end, { once: true });
  const informer = newInformer(client, kind, options);
  informer.handle({
    added: (object, initial) => push({ type: 'ADDED', object, ...(initial && { initial }) }),
    updated: (object, old) => {
      // after a gap all are told of; those that are as they were are no news
      const { resourceVersion } = object.metadata;
      if (resourceVersion === undefined || resourceVersion !== old.metadata.resourceVersion)
        push({ type: 'MODIFIED', object });
    },
    deleted: (object, final) => push({ type: 'DELETED', object, ...(!final && { missed: true }) }),
  });
  const running = informer.run(stop.signal);
  try {
    while (!stop.signal.aborted) {
      yield* events.splice(0);
      if (events.length === 0 && !stop.signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    signal?.removeEventListener('abort', end);
    end();
    await running;
  }
}
