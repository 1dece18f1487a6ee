import { signal } from '@preact/signals';
import { escapeFieldValue, type KubeObject } from 'nekube/apimachinery';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { apiVersionOf, collectionPath, type Kind } from '../api/kinds.ts';
import { Backoff, keepWatching } from '../api/keep-watching.ts';

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

/** An object as it is now, whatever happens to it: read, and then followed by a watch. */
export class FollowedObject {
  readonly seen = signal<Seen>({ state: 'loading' });
  /** How often it changed since it is looked at. */
  readonly changes = signal(0);
  readonly #place: ObjectPlace;
  readonly #backoff = new Backoff();
  #abort = new AbortController();
  #endWatch: () => void = () => {};

  constructor(place: ObjectPlace) {
    this.#place = place;
    void this.#begin();
  }

  stop(): void {
    this.#abort.abort();
    this.#backoff.stop();
    this.#endWatch();
  }

  /** Reads it again. */
  again(): void {
    this.stop();
    this.#abort = new AbortController();
    void this.#begin();
  }

  get #last(): KubeObject | undefined {
    const now = this.seen.peek();
    return 'object' in now ? now.object : undefined;
  }

  async #begin(): Promise<void> {
    const { signal } = this.#abort;
    const isPast = this.#place.revision !== undefined;
    let object: KubeObject | undefined;
    try {
      object = await readObject(this.#place, signal);
    } catch (error) {
      if (signal.aborted) return;
      const status = isApiError(error) ? error.status : { message: (error as Error).message };
      this.seen.value = { state: 'failed', status, object: this.#last };
      if (!isPast && status.code !== 403) this.#backoff.later(() => void this.#begin());
      return;
    }
    if (signal.aborted) return;
    if (object === undefined) this.seen.value = { state: 'gone', object: this.#last };
    else this.#see(object);
    // what is not there may come
    if (!isPast && this.#place.kind.verbs.includes('watch')) this.#watch(object?.metadata.resourceVersion);
  }

  #see(object: KubeObject): void {
    const now = this.seen.peek();
    const { uid, resourceVersion } = object.metadata;
    // a cluster that was made anew may have another object at the same revision
    if (
      now.state === 'here' &&
      now.object.metadata.uid === uid &&
      now.object.metadata.resourceVersion === resourceVersion
    )
      return;
    this.seen.value = { state: 'here', object, past: this.#place.revision !== undefined };
    this.changes.value++;
  }

  #watch(from: string | undefined): void {
    const { kind, namespace, name } = this.#place;
    this.#endWatch = keepWatching(
      {
        path: collectionPath(kind, namespace),
        query: { fieldSelector: `metadata.name=${escapeFieldValue(name)}` },
        from,
      },
      {
        events: (events) => {
          const last = events.findLast(({ type }) => type !== 'BOOKMARK');
          if (last === undefined) return;
          if (last.type !== 'DELETED') return this.#see(last.object as KubeObject);
          this.seen.value = { state: 'gone', object: last.object as KubeObject };
          this.changes.value++;
        },
        // the banner of the connection says it
        lost: () => {},
        again: () => void this.#begin(),
      },
      this.#backoff,
    );
  }
}

/** Reads an object; undefined: there is none. */
async function readObject(place: ObjectPlace, signal?: AbortSignal): Promise<KubeObject | undefined> {
  const { kind, namespace, name, revision } = place;
  try {
    if (revision === undefined) {
      return await requestJson<KubeObject>(`/k8s${objectPath(place)}`, { signal });
    }
    const query = new URLSearchParams({
      fieldSelector: `metadata.name=${escapeFieldValue(name)}`,
      resourceVersion: revision,
      resourceVersionMatch: 'Exact',
    });
    const path = `/k8s${collectionPath(kind, namespace)}?${query}`;
    const { items } = await requestJson<{ readonly items: readonly KubeObject[] }>(path, { signal });
    const [object] = items;
    // items of a list do not say what they are
    return object && { ...object, apiVersion: apiVersionOf(kind), kind: kind.kind };
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  }
}
