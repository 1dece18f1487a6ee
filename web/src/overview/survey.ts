import { signal } from '@preact/signals';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { type WatchEvent, watch } from '../api/watch-socket.ts';
import { type Change, changeOf, type ObjectMetadata, Recent } from './recent.ts';

const METADATA = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

/** A kind with more objects is counted, but not followed: its changes are for its own list. */
export const MOST_FOLLOWED = 500;
/** So many kinds are followed: the watches of a page are counted, and other views need some. */
const MOST_WATCHED = 100;
/** So often the others are counted. */
const COUNT_AGAIN_MS = 15_000;
/** So many kinds that are not followed are read again then, in turn. */
const MOST_READ_AGAIN = 40;
/** What could not be had is asked for again after so long, and later if it still cannot. */
const AGAIN_MS = { least: 3000, most: 15_000 };
/** So many requests at once: the page has other things to ask too. */
const AT_ONCE = 4;

/** What changes all the time and says nothing, or is the same object by another name. */
const QUIET = new Set([
  'events',
  'events.events.k8s.io',
  'leases.coordination.k8s.io',
  'endpoints',
  'componentstatuses',
]);
/** What is no object that somebody made. */
const UNCOUNTED = new Set(['events.events.k8s.io', 'componentstatuses']);

const idOf = ({ group, resource }: Kind): string => (group === '' ? resource : `${resource}.${group}`);

/** Whether a change of an object is one that somebody made. What cannot be watched is measured, and new each time. */
const tells = (kind: Kind): boolean => !QUIET.has(idOf(kind)) && kind.verbs.includes('watch');

interface MetadataList {
  readonly metadata?: { readonly resourceVersion?: string; readonly remainingItemCount?: number };
  readonly items?: readonly { readonly metadata?: ObjectMetadata }[];
}

/** What is in the cluster: how many objects of which kind, and which changed last. It follows the cluster until it is stopped. */
export class Survey {
  /** By the kind's path; a kind that may not be listed is none. */
  readonly counts = signal<ReadonlyMap<string, number>>(new Map());
  readonly recent = signal<readonly Change[]>([]);
  /** Kinds of so many objects that they are only counted: changes of these are not told. */
  readonly counted = signal<readonly Kind[]>([]);
  /** Whether each kind was asked for. */
  readonly complete = signal(false);
  /** Why some of it may be old; it goes on by itself. */
  readonly away = signal<ApiStatus | undefined>(undefined);
  readonly #kinds: readonly Kind[];
  readonly #revision: string | undefined;
  readonly #abort = new AbortController();
  readonly #recent = new Recent();
  readonly #ids = new Map<Kind, Set<string>>();
  readonly #many = new Map<Kind, number>();
  readonly #ends = new Map<Kind, () => void>();
  /** What is not followed, the one that was read longest ago first. */
  readonly #inTurn = new Set<Kind>();
  readonly #failed = new Set<Kind>();
  #again: ReturnType<typeof setTimeout> | undefined;
  #againMs = AGAIN_MS.least;
  #published: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param revision as it was then; undefined: now */
  constructor(kinds: readonly Kind[], revision: string | undefined) {
    this.#kinds = kinds.filter(
      (kind) => kind.verbs.includes('list') && kind.verbs.includes('get') && !UNCOUNTED.has(idOf(kind)),
    );
    this.#revision = revision;
    void this.#begin();
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#published);
    clearTimeout(this.#again);
    clearInterval(this.#timer);
    for (const end of this.#ends.values()) end();
  }

  async #begin(): Promise<void> {
    await each(this.#kinds, AT_ONCE, (kind) => this.#read(kind));
    this.complete.value = true;
    if (this.#abort.signal.aborted || this.#revision !== undefined) return;
    this.#timer = setInterval(() => {
      if (document.hidden) return;
      void each([...this.#many.keys()], 2, (kind) => this.#count(kind));
      void each([...this.#inTurn].slice(0, MOST_READ_AGAIN), 2, (kind) => this.#read(kind));
    }, COUNT_AGAIN_MS);
  }

  async #read(kind: Kind): Promise<void> {
    const { signal } = this.#abort;
    if (signal.aborted) return;
    try {
      const list = await this.#list(kind, MOST_FOLLOWED);
      if (signal.aborted) return;
      const items = list.items ?? [];
      const remaining = list.metadata?.remainingItemCount ?? 0;
      const ids = new Set<string>();
      this.#ids.set(kind, ids);
      this.#recent.forget(kind);
      this.#many.delete(kind);
      if (this.#failed.size === 0) this.away.value = undefined;
      this.#againMs = AGAIN_MS.least;
      if (remaining > 0) {
        this.#many.set(kind, items.length + remaining);
        this.#inTurn.delete(kind);
      } else
        for (const { metadata } of items) {
          ids.add(metadata?.uid ?? '');
          if (tells(kind)) this.#recent.put(changeOf(kind, metadata ?? {}));
        }
      this.#publish();
      if (remaining === 0 && this.#revision === undefined && kind.verbs.includes('watch'))
        this.#follow(kind, list.metadata?.resourceVersion ?? '');
    } catch (error) {
      // what may not be seen is not part of what one sees
      if (!signal.aborted && isApiError(error) && isAway(error.status)) this.#readAgain(kind, error.status);
    }
  }

  /** Reads a kind again after a while, together with others that could not be had. */
  #readAgain(kind: Kind, status: ApiStatus): void {
    if (isAway(status)) this.away.value = status;
    this.#failed.add(kind);
    this.#again ??= setTimeout(() => {
      this.#again = undefined;
      const kinds = [...this.#failed];
      this.#failed.clear();
      void each(kinds, AT_ONCE, (one) => this.#read(one));
    }, this.#againMs);
    this.#againMs = Math.min(this.#againMs * 2, AGAIN_MS.most);
  }

  async #count(kind: Kind): Promise<void> {
    const list = await this.#list(kind, 1).catch(() => undefined);
    if (!list) return;
    this.#many.set(kind, (list.items?.length ?? 0) + (list.metadata?.remainingItemCount ?? 0));
    this.#publish();
  }

  #list(kind: Kind, limit: number): Promise<MetadataList> {
    const query = new URLSearchParams({ limit: String(limit) });
    if (this.#revision !== undefined) {
      query.set('resourceVersion', this.#revision);
      query.set('resourceVersionMatch', 'Exact');
    }
    return requestJson(`/k8s${collectionPath(kind)}?${query}`, { accept: METADATA_LIST, signal: this.#abort.signal });
  }

  #follow(kind: Kind, revision: string): void {
    this.#inTurn.delete(kind);
    if (this.#ends.size >= MOST_WATCHED) return void this.#inTurn.add(kind);
    const query = new URLSearchParams({ watch: '1', resourceVersion: revision });
    const ids = this.#ids.get(kind)!;
    const end = watch(
      `${collectionPath(kind)}?${query}`,
      {
        events: (events) => {
          for (const event of events) this.#take(kind, ids, event);
          this.#publish();
        },
        // from the begin, a while later: the server has ended it, or is away
        end: (status) => {
          this.#ends.delete(kind);
          if (status.code === 403 || status.code === 429) this.#inTurn.add(kind);
          else this.#readAgain(kind, status);
        },
      },
      METADATA,
    );
    this.#ends.set(kind, end);
  }

  #take(kind: Kind, ids: Set<string>, { type, object }: WatchEvent): void {
    const { metadata = {} } = object as { readonly metadata?: ObjectMetadata };
    if (type === 'DELETED') {
      ids.delete(metadata.uid ?? '');
      this.#recent.delete(metadata.uid ?? '');
    } else if (type === 'ADDED' || type === 'MODIFIED') {
      ids.add(metadata.uid ?? '');
      if (tells(kind)) this.#recent.put(changeOf(kind, metadata));
    }
  }

  /** Says what there is, at most a few times a second: an overview is calm. */
  #publish(): void {
    this.#published ??= setTimeout(() => {
      this.#published = undefined;
      const counts = new Map<string, number>();
      for (const [kind, ids] of this.#ids) counts.set(kind.path, this.#many.get(kind) ?? ids.size);
      this.counts.value = counts;
      this.recent.value = this.#recent.newest(12);
      const many = [...this.#many.keys()].filter(tells);
      if (many.length !== this.counted.peek().length) this.counted.value = many;
    }, 250);
  }
}

/** The server did not answer, or could not: it will. */
function isAway({ code = 0 }: ApiStatus): boolean {
  return code === 0 || code === 429 || code >= 500;
}

async function each<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
