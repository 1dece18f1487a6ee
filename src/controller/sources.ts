import type { KubeObject } from 'nekube/apimachinery';
import type { Informer, ObjectKey } from 'nekube/client';
import { aborted } from './deferred.ts';
import { type EventHandler, withPriorityOf } from './handlers.ts';
import { type Logger, silentLogger } from './log/logger.ts';
import type { ObjectEvent } from './object-event.ts';
import type { Predicate } from './predicates.ts';
import type { RequestQueue } from './queue/work-queue.ts';
import type { Source } from './source.ts';

/** What becomes of the events of a source. */
export interface SourceParts<T extends KubeObject, R> {
  readonly name: string;
  readonly handler: EventHandler<T, R>;
  /** All must let an event pass. */
  readonly predicates?: readonly Predicate<T>[];
  readonly logger?: Logger;
}

/** The objects of an informer, which somebody else runs. */
export function informerSource<T extends KubeObject, R = ObjectKey>(
  parts: Omit<SourceParts<T, R>, 'handler'> & {
    /** Called at the start. */
    readonly informer: () => Informer<T>;
    /** Called at the start, too; for those that must ask the server first. */
    readonly handler: EventHandler<T, R> | (() => EventHandler<T, R> | Promise<EventHandler<T, R>>);
    readonly lastError?: () => unknown;
  },
): Source<R> {
  return {
    name: parts.name,
    get lastError() {
      return parts.lastError?.();
    },
    async start(queue, signal) {
      const informer = parts.informer();
      const handler = typeof parts.handler === 'function' ? await parts.handler() : parts.handler;
      const tell = teller({ ...parts, handler }, queue);
      const remove = informer.handle({
        added: (object, initial) => tell({ type: 'created', object, initial }),
        updated: (object, old) => tell({ type: 'updated', object, old }),
        deleted: (object, final) => tell({ type: 'deleted', object, final }),
      });
      void aborted(signal).then(remove);
      await informer.synced(signal);
    },
  };
}

/** Objects that come from elsewhere: a webhook of somebody's cloud, a timer. They are told as `generic`. */
export function streamSource<T extends KubeObject, R = ObjectKey>(
  parts: SourceParts<T, R> & { readonly stream: AsyncIterable<T> },
): Source<R> {
  return {
    name: parts.name,
    async start(queue, signal) {
      void read(parts.stream, teller(parts, queue), signal).catch((error: unknown) =>
        (parts.logger ?? silentLogger).error(error, 'Source has ended with an error', { source: parts.name }),
      );
    },
  };
}

async function read<T extends KubeObject>(
  stream: AsyncIterable<T>,
  tell: (event: ObjectEvent<T>) => void,
  signal: AbortSignal,
): Promise<void> {
  const objects = stream[Symbol.asyncIterator]();
  void aborted(signal)
    .then(() => objects.return?.())
    .catch(() => {});
  for (;;) {
    const next = await objects.next();
    if (next.done || signal.aborted) return;
    tell({ type: 'generic', object: next.value });
  }
}

/** Hands the events that pass to the handler; what fails there is logged. */
function teller<T extends KubeObject, R>(
  { name, handler, predicates = [], logger = silentLogger }: SourceParts<T, R>,
  queue: RequestQueue<R>,
): (event: ObjectEvent<T>) => void {
  const fail = (error: unknown): void => logger.error(error, 'Failed to handle an event', { source: name });
  return (event) => {
    try {
      if (!predicates.every((predicate) => predicate(event))) return;
      const handled = handler.handle(event, withPriorityOf(event, queue));
      if (handled instanceof Promise) handled.catch(fail);
    } catch (error) {
      fail(error);
    }
  };
}

/** Objects that a program pushes, for one `streamSource`. Nothing is lost: what nobody has read yet is kept. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #kept: T[] = [];
  readonly #readers: ((next: IteratorResult<T>) => void)[] = [];
  #isClosed = false;

  push(object: T): void {
    if (this.#isClosed) throw new Error('Cannot push to a channel that is closed');
    const reader = this.#readers.shift();
    if (reader) reader({ done: false, value: object });
    else this.#kept.push(object);
  }

  /** Nothing more comes. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    // a reader that waits and leaves must not get what the next one is to have
    let leave = (): void => {};
    return {
      next: () => {
        if (this.#kept.length > 0) return Promise.resolve({ done: false, value: this.#kept.shift()! });
        if (this.#isClosed) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve) => {
          this.#readers.push(resolve);
          leave = () => {
            const at = this.#readers.indexOf(resolve);
            if (at >= 0) this.#readers.splice(at, 1);
            resolve({ done: true, value: undefined });
          };
        });
      },
      return: () => {
        leave();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
