import { effect, signal } from '@preact/signals';
import { FollowedCollection } from '../api/followed-collection.ts';
import type { ApiStatus } from '../api/http.ts';
import type { WatchEvent } from '../api/watch-socket.ts';

/** An object as far as a list needs it. */
export interface Listed {
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

/** Whole objects of a collection by name, kept as they are by a watch. For few objects that a view needs all of: a list of many is a `TableList`. */
export class LiveList<T extends Listed> {
  readonly items = signal<ReadonlyMap<string, T>>(new Map());
  readonly isLoaded = signal(false);
  /** Why it is not kept up to date, if it is not. */
  readonly failure = signal<ApiStatus | undefined>(undefined);
  readonly #isStopped = signal(false);
  readonly #followed: FollowedCollection<List<T>>;
  #found = new Map<string, T>();
  /** What is gone, as it was at last: what is told late of the time before does not bring it back. */
  readonly #gone = new Map<string, Listed['metadata']>();

  /**
   * @param path as `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE`
   * @param revision the state at it, which does not change any more; undefined: now, and what comes
   */
  constructor(path: string, revision: string | undefined) {
    this.#followed = new FollowedCollection<List<T>>(
      { path, revision, isWatched: true },
      {
        page: ({ items }, { isFirst, isLast }) => {
          if (isFirst) {
            this.#found = new Map();
            // a cluster that was made anew may count from the beginning
            this.#gone.clear();
          }
          for (const item of items) this.#found.set(item.metadata.name!, item);
          if (isLast) this.items.value = this.#found;
        },
        events: (events) => this.#take(events),
        state: (state) => {
          if (state.phase === 'loading') return;
          this.failure.value = 'status' in state ? state.status : undefined;
          if (state.phase !== 'waiting') this.isLoaded.value = true;
        },
      },
    );
  }

  /** Ends it. Who waits for all that there is waits no longer. */
  stop(): void {
    this.#followed.stop();
    this.#isStopped.value = true;
  }

  /** Resolves when all that there is was told, or that it will not be; false: it was stopped before that. */
  loaded(): Promise<boolean> {
    return new Promise((resolve) => {
      const stop = effect(() => {
        if (!this.isLoaded.value && !this.#isStopped.value) return;
        // it is called before it is known how it is ended
        queueMicrotask(() => stop());
        resolve(this.isLoaded.value);
      });
    });
  }

  /** Takes in an object that the server answered with, before the watch tells of it; unless that has told more by now. */
  put(object: T): void {
    const name = object.metadata.name!;
    const told = this.items.peek().get(name)?.metadata ?? this.#gone.get(name);
    if (!isNewer(told, object.metadata)) this.items.value = new Map(this.items.peek()).set(name, object);
  }

  /** Takes out what the server says is gone, before the watch tells of it. */
  drop(name: string): void {
    const next = new Map(this.items.peek());
    const was = next.get(name);
    if (was === undefined) return;
    next.delete(name);
    this.#gone.set(name, was.metadata);
    this.items.value = next;
  }

  #take(events: readonly WatchEvent[]): void {
    const next = new Map(this.items.peek());
    for (const { type, object } of events) {
      if (type === 'BOOKMARK') continue;
      const { metadata } = object as T;
      const name = metadata.name!;
      const known = next.get(name);
      // an answer told more already
      if (known === undefined ? isUntil(metadata, this.#gone.get(name)) : isNewer(known.metadata, metadata)) continue;
      if (type === 'DELETED') {
        next.delete(name);
        this.#gone.set(name, metadata);
      } else next.set(name, object as T);
    }
    this.items.value = next;
  }
}

/** Whether one state of an object is of later than another. Who numbers them otherwise than Kubernetes is not asked. */
function isNewer(one: Listed['metadata'] | undefined, other: Listed['metadata']): boolean {
  return Number(one?.resourceVersion) > Number(other.resourceVersion);
}

/** Whether a state of an object is as old as another one, or older; it is not where their versions are no numbers, as Kubernetes' are. */
function isUntil(one: Listed['metadata'], other: Listed['metadata'] | undefined): boolean {
  return Number(one.resourceVersion) <= Number(other?.resourceVersion);
}
