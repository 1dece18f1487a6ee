import type { ApiStatus } from './http.ts';
import { connection, type WatchEvent, watch } from './watch-socket.ts';

const SHORTEST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 8000;

/** Waits that double, from what nobody notices to what no server minds, until something went well. */
export class Backoff {
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Does it a while later; in place of what still waited. */
  later(work: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, Math.min(SHORTEST_WAIT_MS * 2 ** this.#attempts++, LONGEST_WAIT_MS));
  }

  wentWell(): void {
    this.#attempts = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

export interface WatchSource {
  /** Of a collection: `/api/v1/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** The revision of what is known; undefined: all there is comes as events first. */
  readonly from: string | undefined;
}

export interface KeptHandlers {
  readonly events: (events: readonly WatchEvent[]) => void;
  /** It cannot go on from where it was, for this reason. What is known may be old from now on. */
  readonly lost: (status: ApiStatus) => void;
  /** The server is there, and a while has passed: time to read anew. It is over then. */
  readonly again: () => void;
}

/**
 * Watches, and goes on from where it was each time the server ends it. What is lost with the connection is to be read anew as a
 * whole: a server that comes back may have another past. Returns what ends it.
 */
export function keepWatching(source: WatchSource, handlers: KeptHandlers, backoff: Backoff): () => void {
  let revision = source.from;
  let isOver = false;
  let endWatch = (): void => {};
  const begin = (): void => {
    let refused: ApiStatus | undefined;
    const query = new URLSearchParams({ ...source.query, watch: '1', allowWatchBookmarks: 'true' });
    if (revision !== undefined) query.set('resourceVersion', revision);
    const end = (status: ApiStatus): void => {
      if (isOver) return;
      if ((status.code ?? 200) === 200) return backoff.later(begin);
      handlers.lost(status);
      isOver = true;
      whenConnected(() => backoff.later(handlers.again));
    };
    endWatch = watch(
      `${source.path}?${query}`,
      {
        events: (events) => {
          const told = events.filter(({ type }) => type !== 'ERROR');
          refused = (events.find(({ type }) => type === 'ERROR')?.object as ApiStatus | undefined) ?? refused;
          revision = told.map(revisionOf).findLast((one) => one !== undefined) ?? revision;
          if (told.length === 0) return;
          backoff.wentWell();
          handlers.events(told);
        },
        end: (status) => end(refused ?? status),
      },
      source.accept,
    );
  };
  /** What is to be done now if the server is there, and else when it comes. */
  let stopWaiting = (): void => {};
  const whenConnected = (work: () => void): void => {
    let isDone = false;
    const stop = connection.subscribe(({ state }) => {
      if (state !== 'connected' || isDone) return;
      isDone = true;
      // it is called before it is known how it is ended
      queueMicrotask(() => stop());
      work();
    });
    stopWaiting = stop;
  };
  begin();
  return () => {
    isOver = true;
    backoff.stop();
    stopWaiting();
    endWatch();
  };
}

interface Told {
  readonly kind?: string;
  readonly metadata?: { readonly resourceVersion?: string };
  readonly rows?: readonly { readonly object?: { readonly metadata?: { readonly resourceVersion?: string } } }[];
}

/** The revision of an event: that of its object, or of the object in a Table's row. */
export function revisionOf({ object }: WatchEvent): string | undefined {
  const { metadata, rows } = object as Told;
  return (rows?.at(-1)?.object?.metadata?.resourceVersion ?? metadata?.resourceVersion) || undefined;
}
