import { type ApiStatus, isApiError, requestJson } from './http.ts';
import { Backoff, keepWatching } from './keep-watching.ts';
import type { WatchEvent } from './watch-socket.ts';

export type FollowState =
  /** Pages come in; what is there can be used. */
  | { readonly phase: 'loading' }
  /** All there, and every change comes in. */
  | { readonly phase: 'live' }
  /** All there, and it stays so: of an earlier revision, or of what cannot be watched. */
  | { readonly phase: 'still' }
  /** The connection is lost, or the server is: what is there may be old. It goes on by itself. */
  | { readonly phase: 'waiting'; readonly status: ApiStatus }
  /** It will not go on by itself: it may not be seen, is not served any more, is too long ago. */
  | { readonly phase: 'failed'; readonly status: ApiStatus };

export interface CollectionSource {
  /** As `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE`. */
  readonly path: string;
  /** Selectors and the like, of the lists and of the watch. */
  readonly query?: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** The state at this revision, which does not change any more. Absent: now, and what comes. */
  readonly revision?: string | undefined;
  readonly isWatched: boolean;
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

export interface CollectionHandlers<T> {
  /** The first of them begins the list anew. `isLast`: with it all that there is was told. */
  readonly page: (page: T, place: { readonly isFirst: boolean; readonly isLast: boolean }) => void | Promise<void>;
  readonly events: (events: readonly WatchEvent[]) => void;
  readonly state: (state: FollowState) => void;
}

const PAGE = 500;

/** A collection as it is now: listed in pages, then followed by a watch, through whatever happens to the two. */
export class FollowedCollection<T extends Page> {
  readonly #source: CollectionSource;
  readonly #handlers: CollectionHandlers<T>;
  readonly #backoff = new Backoff();
  #abort = new AbortController();
  #endWatch: () => void = () => {};
  /** The watch was refused though the list was not; the second time that is so. */
  #isUnwatchable = false;

  /** @param begun all that there is, where that was read already */
  constructor(source: CollectionSource, handlers: CollectionHandlers<T>, begun?: T) {
    this.#source = source;
    this.#handlers = handlers;
    void this.#list(begun);
  }

  /** Ends it; no handler is called any more. */
  stop(): void {
    this.#abort.abort();
    this.#backoff.stop();
    this.#endWatch();
  }

  /** Begins anew, after a failure or to see what a watch did not tell. */
  again(): void {
    this.stop();
    this.#abort = new AbortController();
    this.#backoff.wentWell();
    this.#isUnwatchable = false;
    void this.#list();
  }

  async #list(begun?: T): Promise<void> {
    const { signal } = this.#abort;
    const { path, accept } = this.#source;
    this.#handlers.state({ phase: 'loading' });
    let next: string | undefined;
    let isFirst = true;
    let revision = '';
    let read = begun;
    try {
      do {
        const page = read ?? (await requestJson<T>(`/k8s${path}?${this.#queryOf(next)}`, { accept, signal }));
        read = undefined;
        if (signal.aborted) return;
        revision = page.metadata?.resourceVersion ?? '';
        next = page.metadata?.continue || undefined;
        await this.#handlers.page(page, { isFirst, isLast: next === undefined });
        isFirst = false;
      } while (next !== undefined && !signal.aborted);
    } catch (error) {
      if (!signal.aborted) this.#listFailed(error);
      return;
    }
    if (!signal.aborted) this.#follow(revision);
  }

  #queryOf(next: string | undefined): URLSearchParams {
    const query = new URLSearchParams({ limit: String(PAGE), ...this.#source.query });
    const { revision } = this.#source;
    if (next !== undefined) query.set('continue', next);
    else if (revision !== undefined) {
      query.set('resourceVersion', revision);
      query.set('resourceVersionMatch', 'Exact');
    }
    return query;
  }

  /** A list that cannot be had now is tried again, with growing waits; one that we may not have is not. */
  #listFailed(error: unknown): void {
    const status = isApiError(error) ? error.status : { message: String((error as Error).message) };
    const { code = -1 } = status;
    const isExpired = code === 410 && this.#source.revision === undefined;
    const isAway = code === 0 || code === 429 || code >= 500;
    if (!isExpired && !isAway) return this.#handlers.state({ phase: 'failed', status });
    if (isAway) this.#handlers.state({ phase: 'waiting', status });
    this.#backoff.later(() => void this.#list());
  }

  #follow(from: string): void {
    const { path, query, accept, revision, isWatched } = this.#source;
    if (revision !== undefined || !isWatched || this.#isUnwatchable) return this.#handlers.state({ phase: 'still' });
    this.#handlers.state({ phase: 'live' });
    this.#endWatch = keepWatching(
      { path, query, accept, from },
      {
        events: this.#handlers.events,
        lost: (status) => {
          // a list anew says why it may not be watched; if it does not, it may be listed and no more
          const isRefused = status.code === 403 || status.code === 405;
          this.#isUnwatchable = isRefused;
          if (!isRefused && status.code !== 404 && status.code !== 410)
            this.#handlers.state({ phase: 'waiting', status });
        },
        again: () => void this.#list(),
      },
      this.#backoff,
    );
  }
}
