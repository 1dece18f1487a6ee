import { signal } from '@preact/signals';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { connection, watch } from '../api/watch-socket.ts';

/** An object as far as a list needs it. */
export interface Listed {
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };
}

interface List<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[];
}

const PAGE = 500;
const LONGEST_WAIT_MS = 8000;

/** Whole objects of a collection by name, kept as they are by a watch. For few objects that a view needs all of: a list of many is a `TableList`. */
export class LiveList<T extends Listed> {
  readonly items = signal<ReadonlyMap<string, T>>(new Map());
  readonly isLoaded = signal(false);
  /** Why it is not kept up to date, if it is not. */
  readonly failure = signal<ApiStatus | undefined>(undefined);
  readonly #path: string;
  readonly #revision: string | undefined;
  readonly #abort = new AbortController();
  #endWatch: () => void = () => {};
  #attempts = 0;

  /**
   * @param path as `/apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE`
   * @param revision the state at it, which does not change any more; undefined: now, and what comes
   */
  constructor(path: string, revision: string | undefined) {
    this.#path = path;
    this.#revision = revision;
    void this.#list();
  }

  stop(): void {
    this.#abort.abort();
    this.#endWatch();
  }

  /** Takes in an object that the server answered with, before the watch tells of it. */
  put(object: T): void {
    this.items.value = new Map(this.items.peek()).set(object.metadata.name!, object);
  }

  async #list(): Promise<void> {
    const { signal: aborted } = this.#abort;
    const found = new Map<string, T>();
    let [next, revision] = ['', ''];
    try {
      do {
        const query = new URLSearchParams({ limit: String(PAGE), ...this.#place(next) });
        const list = await requestJson<List<T>>(`/k8s${this.#path}?${query}`, { signal: aborted });
        for (const item of list.items) found.set(item.metadata.name!, item);
        next = list.metadata.continue ?? '';
        revision = list.metadata.resourceVersion;
      } while (next !== '');
    } catch (error) {
      if (aborted.aborted) return;
      this.failure.value = isApiError(error) ? error.status : { message: String(error) };
      const { code = 0 } = this.failure.value;
      if (code === 403 || code === 404 || this.#revision !== undefined) this.isLoaded.value = true;
      else this.#later(() => void this.#list());
      return;
    }
    this.items.value = found;
    this.isLoaded.value = true;
    this.failure.value = undefined;
    this.#attempts = 0;
    if (this.#revision === undefined) this.#watch(revision);
  }

  #place(next: string): Record<string, string> {
    if (next !== '') return { continue: next };
    if (this.#revision === undefined) return {};
    return { resourceVersion: this.#revision, resourceVersionMatch: 'Exact' };
  }

  #watch(from: string): void {
    let revision = from;
    const query = new URLSearchParams({ watch: '1', allowWatchBookmarks: 'true', resourceVersion: revision });
    this.#endWatch = watch(`${this.#path}?${query}`, {
      events: (events) => {
        const next = new Map(this.items.peek());
        for (const { type, object } of events) {
          const { metadata } = object as T;
          if (type === 'ERROR') continue;
          revision = metadata.resourceVersion ?? revision;
          if (type === 'DELETED') next.delete(metadata.name!);
          else if (type !== 'BOOKMARK') next.set(metadata.name!, object as T);
        }
        this.items.value = next;
      },
      end: ({ code = 200, ...status }) => {
        if (this.#abort.signal.aborted) return;
        if (code === 200) return this.#later(() => this.#watch(revision));
        this.failure.value = { code, ...status };
        // a server that comes back may have another past, so what it has is asked for as a whole
        if (code !== 0) return this.#later(() => void this.#list());
        const stop = connection.subscribe(({ state }) => {
          if (state !== 'connected') return;
          queueMicrotask(() => stop());
          this.#later(() => void this.#list());
        });
      },
    });
  }

  #later(work: () => void): void {
    const waitMs = Math.min(250 * 2 ** this.#attempts++, LONGEST_WAIT_MS);
    setTimeout(() => !this.#abort.signal.aborted && work(), waitMs);
  }
}
