import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type Client, type Kind, sleep } from 'nekube/client';
import type { WaitOptions } from './waiting.ts';

/** An event of one of the kinds that are recorded. */
export interface RecordedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** How long a watch that failed is waited for. */
const AGAIN_MS = 20;

/** What becomes of objects, in the order in which the server did it, whichever of several kinds they are of. */
export class EventRecorder {
  readonly #events: RecordedEvent[] = [];
  readonly #stop = new AbortController();
  readonly #eventually: <T>(attempt: () => T, options?: WaitOptions) => Promise<unknown>;
  #watches: Promise<void>[] = [];

  constructor(eventually: <T>(attempt: () => T, options?: WaitOptions) => Promise<unknown>) {
    this.#eventually = eventually;
  }

  /** Begins; resolves when all that happens from now on is recorded. */
  async start(client: Client, kinds: readonly Kind[]): Promise<void> {
    this.#watches = await Promise.all(
      kinds.map(async (kind) => {
        const { metadata } = await client.list(kind, { limit: 1 });
        return this.#follow(client, kind, metadata.resourceVersion ?? '');
      }),
    ).then((running) => running.map((follow) => follow()));
  }

  get all(): readonly RecordedEvent[] {
    return this.#events;
  }

  /** A line each: `ADDED ConfigMap default/a`. */
  get lines(): string[] {
    return this.#events.map(lineOf);
  }

  /** Forgets what came so far. */
  clear(): void {
    this.#events.length = 0;
  }

  /**
   * Waits until these lines have come in this order, others between them or not, and gives their events.
   *
   * @throws Error that says what came instead
   */
  async sequence(lines: readonly string[], options?: WaitOptions): Promise<RecordedEvent[]> {
    const found = await this.#eventually(() => {
      const events = this.#inOrder(lines);
      if (events.length === lines.length) return events;
      throw new Error(
        `${JSON.stringify(lines[events.length])} did not come; what came: ${this.lines.join(', ') || 'nothing'}`,
      );
    }, options);
    return found as RecordedEvent[];
  }

  /** Waits for the first event for which the function is true. */
  async event(wanted: (event: RecordedEvent) => boolean, options?: WaitOptions): Promise<RecordedEvent> {
    const found = await this.#eventually(() => {
      const event = this.#events.find(wanted);
      if (event !== undefined) return event;
      throw new Error(`no such event; what came: ${this.lines.join(', ') || 'nothing'}`);
    }, options);
    return found as RecordedEvent;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watches);
  }

  #inOrder(lines: readonly string[]): RecordedEvent[] {
    const found: RecordedEvent[] = [];
    for (const event of this.#events) if (lines[found.length] === lineOf(event)) found.push(event);
    return found;
  }

  #follow(client: Client, kind: Kind, from: string): () => Promise<void> {
    const { signal } = this.#stop;
    return async () => {
      let resourceVersion = from;
      while (!signal.aborted) {
        try {
          for await (const { type, object } of client.watch(kind, { resourceVersion, signal })) {
            resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
            if (type !== 'BOOKMARK') this.#insert({ type, object });
          }
        } catch (error) {
          if (signal.aborted) return;
          // what was missed cannot be had any more
          if (isStatusError(error, 'Expired')) resourceVersion = '';
        }
        await sleep(AGAIN_MS, undefined, signal).catch(() => {});
      }
    };
  }

  /** By revision: watches of several kinds do not come in step. */
  #insert(event: RecordedEvent): void {
    const revision = revisionOf(event);
    let at = this.#events.length;
    while (at > 0 && revisionOf(this.#events[at - 1]!) > revision) at--;
    this.#events.splice(at, 0, event);
  }
}

function revisionOf({ object }: RecordedEvent): number {
  return Number(object.metadata.resourceVersion);
}

function lineOf({ type, object: { kind, metadata } }: RecordedEvent): string {
  return `${type} ${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}
