import { signal } from '@preact/signals';
import { escapeFieldValue, type KubeObject, parseJson } from 'nekube/apimachinery';
import { type ApiStatus, isApiError, request } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { watch } from '../api/watch-socket.ts';

/** What is known of an object that is looked at. */
export type Seen =
  | { readonly state: 'loading' }
  /** It is there. `past`: as it was at the revision that was asked for. */
  | { readonly state: 'here'; readonly object: KubeObject; readonly past: boolean }
  /** It was there and was deleted, or is not there now; `object` is how it was last. */
  | { readonly state: 'gone'; readonly object: KubeObject | undefined }
  | { readonly state: 'failed'; readonly status: ApiStatus; readonly object: KubeObject | undefined };

export interface ObjectPlace {
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly name: string;
  /** As it was then; undefined: as it is, and becomes. */
  readonly revision: string | undefined;
}

/** The API server's path of an object. */
export function objectPath({ kind, namespace, name }: Pick<ObjectPlace, 'kind' | 'namespace' | 'name'>): string {
  return `${collectionPath(kind, namespace)}/${encodeURIComponent(name)}`;
}

/**
 * An object as it is now, whatever happens to it. A watch says that it changed; then it is read, once for many changes, so
 * that every number in it is exact (the browser's own reader of JSON rounds large ones).
 */
export class FollowedObject {
  readonly seen = signal<Seen>({ state: 'loading' });
  /** How often it changed since it is looked at. */
  readonly changes = signal(0);
  readonly #place: ObjectPlace;
  readonly #abort = new AbortController();
  #endWatch: () => void = () => {};
  #reading = false;
  #readAgain = false;
  #waitMs = 500;

  constructor(place: ObjectPlace) {
    this.#place = place;
    void this.#begin();
  }

  stop(): void {
    this.#abort.abort();
    this.#endWatch();
  }

  /** Reads it again. */
  again(): void {
    void this.#read();
  }

  get #last(): KubeObject | undefined {
    const now = this.seen.peek();
    return 'object' in now ? now.object : undefined;
  }

  async #begin(): Promise<void> {
    const revision = await this.#read();
    if (this.#abort.signal.aborted || this.#place.revision !== undefined) return;
    if (revision === undefined && !['gone', 'failed'].includes(this.seen.peek().state)) return this.#later();
    if (!this.#place.kind.verbs.includes('watch') || isApiCode(this.seen.peek(), 403)) return;
    this.#watch(revision);
  }

  /** Gives the revision to watch from. */
  async #read(): Promise<string | undefined> {
    if (this.#reading) {
      this.#readAgain = true;
      return undefined;
    }
    this.#reading = true;
    try {
      const object = await readObject(this.#place, this.#abort.signal);
      this.#waitMs = 500;
      if (object === undefined) this.seen.value = { state: 'gone', object: this.#last };
      else if (!this.#isShown(object)) {
        this.seen.value = { state: 'here', object, past: this.#place.revision !== undefined };
        this.changes.value++;
      }
      return object?.metadata.resourceVersion;
    } catch (error) {
      if (this.#abort.signal.aborted) return undefined;
      const status = isApiError(error) ? error.status : { message: (error as Error).message };
      this.seen.value = { state: 'failed', status, object: this.#last };
      return undefined;
    } finally {
      this.#reading = false;
      if (this.#readAgain && !this.#abort.signal.aborted) {
        this.#readAgain = false;
        void this.#read();
      }
    }
  }

  /** A cluster that was made anew may have another object at the same revision. */
  #isShown({ metadata: { uid, resourceVersion } }: KubeObject): boolean {
    const now = this.seen.peek();
    if (now.state !== 'here') return false;
    return now.object.metadata.uid === uid && now.object.metadata.resourceVersion === resourceVersion;
  }

  #watch(revision: string | undefined): void {
    const { kind, namespace, name } = this.#place;
    const query = new URLSearchParams({
      watch: '1',
      fieldSelector: `metadata.name=${escapeFieldValue(name)}`,
      allowWatchBookmarks: 'true',
    });
    if (revision !== undefined) query.set('resourceVersion', revision);
    this.#endWatch = watch(`${collectionPath(kind, namespace)}?${query}`, {
      events: (events) => {
        const last = events.findLast(({ type }) => type !== 'BOOKMARK');
        if (last === undefined) return;
        if (last.type === 'DELETED') {
          // what a watch tells last is how it was, as far as it can be told exactly
          const object = isExact(last.object) ? (last.object as KubeObject) : this.#last;
          this.seen.value = { state: 'gone', object };
          this.changes.value++;
        } else void this.#read();
      },
      end: () => this.#later(),
    });
  }

  #later(): void {
    if (this.#abort.signal.aborted) return;
    setTimeout(() => {
      if (!this.#abort.signal.aborted) void this.#begin();
    }, this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, 8000);
  }
}

/** No number in it is one that the browser's own reader of JSON may have rounded. */
function isExact(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
}

function isApiCode(seen: Seen, code: number): boolean {
  return seen.state === 'failed' && seen.status.code === code;
}

/** Reads an object with every number exact; undefined: there is none. */
export async function readObject(place: ObjectPlace, signal?: AbortSignal): Promise<KubeObject | undefined> {
  const { kind, namespace, name, revision } = place;
  try {
    if (revision === undefined) {
      const answer = await request(`/k8s${objectPath(place)}`, { signal });
      return parseJson(await answer.text()) as unknown as KubeObject;
    }
    const query = new URLSearchParams({
      fieldSelector: `metadata.name=${escapeFieldValue(name)}`,
      resourceVersion: revision,
      resourceVersionMatch: 'Exact',
    });
    const answer = await request(`/k8s${collectionPath(kind, namespace)}?${query}`, { signal });
    const list = parseJson(await answer.text()) as unknown as KubeObject & { readonly items: readonly KubeObject[] };
    const [object] = list.items;
    // items of a list do not say what they are
    return object && { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind };
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  }
}

/** `apps/v1`, `v1`. */
export function apiVersionOf({ group, version }: Pick<Kind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}
