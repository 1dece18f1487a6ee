import { signal } from '@preact/signals';
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
  readonly #followed: FollowedCollection<List<T>>;
  #found = new Map<string, T>();

  /**
   * @param path as `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE`
   * @param revision the state at it, which does not change any more; undefined: now, and what comes
   */
  constructor(path: string, revision: string | undefined) {
    this.#followed = new FollowedCollection<List<T>>(
      { path, revision, isWatched: true },
      {
        page: ({ items }, { isFirst, isLast }) => {
          if (isFirst) this.#found = new Map();
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

  stop(): void {
    this.#followed.stop();
  }

  /** Takes in an object that the server answered with, before the watch tells of it. */
  put(object: T): void {
    this.items.value = new Map(this.items.peek()).set(object.metadata.name!, object);
  }

  #take(events: readonly WatchEvent[]): void {
    const next = new Map(this.items.peek());
    for (const { type, object } of events) {
      const { metadata } = object as T;
      if (type === 'DELETED') next.delete(metadata.name!);
      else if (type !== 'BOOKMARK') next.set(metadata.name!, object as T);
    }
    this.items.value = next;
  }
}
