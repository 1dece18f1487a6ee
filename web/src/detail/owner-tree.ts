import { batch, signal } from '@preact/signals';
import type { KubeObject } from 'nekube/apimachinery';
import { kinds } from '../api/discovery.ts';
import { type ApiStatus, requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { OwnerIndex, type OwnedRow, type OwnerRef } from './owner-index.ts';
import { followTable, readRow, rowsOf, type Table } from './table-follow.ts';

/** What is owned by whom most of all: those kinds are read first. */
const FIRST = [
  'replicasets',
  'pods',
  'endpointslices',
  'jobs',
  'controllerrevisions',
  'deployments',
  'statefulsets',
  'daemonsets',
];
/** Nobody owns these, and there are many. */
const NEVER = new Set(['events', 'componentstatuses', 'bindings']);
/** A page may have 200 watches. Of more kinds than this those that have objects are watched first. */
const MOST_WATCHED = 150;
/** Kinds that are not watched are looked at again so often. */
const LOOK_MS = 10_000;
/** Watches, which go on from what was read, begin so long after it: when it is drawn. */
const WATCH_MS = 200;
/** What changes within so long is drawn together. */
const DRAW_MS = 60;

/** What `POST /console/owned` says of a kind. */
interface Owned {
  /** The rows that have owners. */
  readonly table?: Table;
  /** How many there are in all. */
  readonly count?: number;
  readonly status?: ApiStatus;
  /** There are too many: they are read page by page. */
  readonly more?: boolean;
}

/**
 * The owners of an object, and all that depends on it. The kinds that are owned most are read by one request, all others by
 * another; then a watch on each keeps them. Lists are of the object's namespace, since owners and owned are in the same
 * one; of an object without, of all.
 */
export class OwnerTree {
  /** Counts what changed. */
  readonly version = signal(0);
  readonly progress = signal<{ readonly done: number; readonly all: number }>({ done: 0, all: 1 });
  /** Kinds that cannot be read, as `KIND`, or `KIND (GROUP)` of a group of its own. */
  readonly unread = signal<ReadonlySet<string>>(new Set());
  readonly index = new OwnerIndex();
  readonly #gone = new Set<string>();
  /** What ends the watches and timers that there are. */
  readonly #stops = new Set<() => void>();
  readonly #asked = new Set<string>();
  readonly #uid: string;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #drawnMs = 0;
  #stopped = false;

  constructor(object: KubeObject, kind: Kind) {
    this.#uid = object.metadata.uid ?? '';
    void this.#start(object, kind);
  }

  /** What was looked for and is not there, or was there and has gone; by uid. */
  get gone(): ReadonlySet<string> {
    return this.#gone;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#drawing);
    for (const stop of this.#stops) stop();
  }

  async #start({ metadata: { namespace, name = '' } }: KubeObject, kind: Kind): Promise<void> {
    const all = orderOf(kinds.peek() ?? [], namespace !== undefined);
    this.progress.value = { done: 0, all: all.length };
    void this.#told(() => readRow(kind, namespace, name)).then((own) => {
      if (typeof own === 'object') this.#put([own], true);
    });
    const first = all.filter(({ resource }) => FIRST.includes(resource));
    const others = all.filter(({ resource }) => !FIRST.includes(resource));
    await this.#readAll(first, namespace, FIRST.length);
    await this.#readAll(others, namespace, MOST_WATCHED - FIRST.length);
  }

  /** Reads kinds together, and follows no more than `most` of them. Tries until it is told. */
  async #readAll(all: readonly Kind[], namespace: string | undefined, most: number): Promise<void> {
    const answers = await this.#told(() => this.#ask(all, namespace));
    if (answers === undefined) return;
    const found = all.map((kind, i) => ({ kind, ...answers[i]! }));
    // those that have objects are the likelier ones to have more
    found.sort((a, b) => (b.count ?? 0) - (a.count ?? 0));
    const watched: (() => void)[] = [];
    const unwatched = new Map<Kind, readonly string[]>();
    batch(() => {
      for (const { kind, table, status, more } of found) {
        this.#markRead(kind, status);
        if (more) this.#follow(kind, namespace);
        else this.#done();
        const uids = table && this.#take(kind, table);
        if (table && watched.length < most) watched.push(() => this.#follow(kind, namespace, table));
        else if (uids || isAway(status)) unwatched.set(kind, uids ?? []);
      }
    });
    this.#later(WATCH_MS, async () => {
      for (const watch of watched) watch();
    });
    if (unwatched.size > 0) this.#lookAgain(unwatched, namespace);
  }

  /** What the server says, however often it must be asked; undefined: nobody wants to know any more. */
  async #told<T>(ask: () => Promise<T>): Promise<T | undefined> {
    for (let waitMs = 1000; !this.#stopped; waitMs = Math.min(waitMs * 2, 15_000)) {
      try {
        const answer = await ask();
        return this.#stopped ? undefined : answer;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
    return undefined;
  }

  /** Kinds that are too many to be watched. */
  #lookAgain(known: ReadonlyMap<Kind, readonly string[]>, namespace: string | undefined): void {
    this.#later(LOOK_MS, async () => {
      const all = [...known.keys()];
      const answers = await this.#ask(all, namespace).catch(() => undefined);
      if (this.#stopped) return;
      if (answers === undefined) return this.#lookAgain(known, namespace);
      const now = new Map(known);
      for (const [i, kind] of all.entries()) {
        const { table, status } = answers[i]!;
        this.#markRead(kind, status);
        if (table === undefined) continue;
        const uids = this.#take(kind, table);
        this.#remove(known.get(kind)!.filter((uid) => !uids.includes(uid)));
        now.set(kind, uids);
      }
      this.#lookAgain(now, namespace);
    });
  }

  async #ask(all: readonly Kind[], namespace: string | undefined): Promise<readonly Owned[]> {
    const paths = all.map((kind) => collectionPath(kind, namespace));
    const { answers } = await requestJson<{ readonly answers: readonly Owned[] }>('/console/owned', {
      method: 'POST',
      body: { paths },
    });
    return answers;
  }

  #take(kind: Kind, table: Table): readonly string[] {
    const rows = rowsOf(kind, table);
    this.#put(rows);
    return rows.map(({ uid }) => uid);
  }

  #later(ms: number, act: () => Promise<void>): void {
    const stop = (): void => clearTimeout(timer);
    const timer = setTimeout(() => {
      this.#stops.delete(stop);
      void act();
    }, ms);
    this.#stops.add(stop);
  }

  /** @param begun what there is, which is in the tree already; without it the kind is read first, too */
  #follow(kind: Kind, namespace: string | undefined, begun?: Table): void {
    let isCounted = begun !== undefined;
    const listed = (): void => {
      if (!isCounted) this.#done();
      isCounted = true;
    };
    const stop = followTable(
      kind,
      namespace,
      {
        put: (rows) => this.#put(rows),
        remove: (uids) => this.#remove(uids),
        listed,
        refused: (status) => {
          this.#markRead(kind, status);
          listed();
        },
      },
      begun,
    );
    this.#stops.add(stop);
  }

  /**
   * Remembers whether a kind can be read.
   *
   * @param status why not; undefined: it can. A kind that is not served (any more), or has no list, is not missed.
   */
  #markRead({ kind, group }: Kind, status: ApiStatus | undefined): void {
    const isMissing = status !== undefined && status.code !== 404 && status.code !== 405;
    const name = group.includes('.') ? `${kind} (${group})` : kind;
    if (this.unread.peek().has(name) === isMissing) return;
    const others = [...this.unread.peek()].filter((one) => one !== name);
    this.unread.value = new Set(isMissing ? [...others, name] : others);
  }

  #done(): void {
    const { done, all } = this.progress.peek();
    this.progress.value = { done: done + 1, all };
  }

  #remove(uids: readonly string[]): void {
    for (const uid of uids) {
      this.index.remove(uid);
      this.#gone.add(uid);
    }
    if (uids.length > 0) this.#changed();
  }

  #put(rows: readonly OwnedRow[], always = false): void {
    let changed = false;
    for (const row of rows) {
      // most objects own nothing and are owned by nobody
      if (!always && row.owners.length === 0 && this.index.get(row.uid) === undefined) continue;
      this.#gone.delete(row.uid);
      if (this.index.put(row)) changed = true;
    }
    if (!changed) return;
    for (const ref of this.index.missingOwners(this.#uid)) void this.#readOwner(ref);
    this.#changed();
  }

  async #readOwner(ref: OwnerRef): Promise<void> {
    if (this.#asked.has(ref.uid)) return;
    this.#asked.add(ref.uid);
    const group = ref.apiVersion.includes('/') ? ref.apiVersion.split('/')[0] : '';
    const kind = kinds.peek()?.find((one) => one.kind === ref.kind && one.group === group);
    const below = [...this.index.ownedBy(ref.uid)][0];
    const namespace = kind?.namespaced ? below?.namespace : undefined;
    const row = kind && (await this.#told(() => readRow(kind, namespace, ref.name)));
    // what may not be read may be there
    if (this.#stopped || row === 'refused') return;
    if (typeof row === 'object' && row.uid === ref.uid) return this.#put([row], true);
    this.#gone.add(ref.uid);
    this.#changed();
  }

  /** The first change is drawn at once, many that follow each other together. */
  #changed(): void {
    this.#drawing ??= setTimeout(
      () => {
        this.#drawing = undefined;
        this.#drawnMs = performance.now();
        this.version.value++;
      },
      Math.max(0, this.#drawnMs + DRAW_MS - performance.now()),
    );
  }
}

/** It may be there another time. */
function isAway(status: ApiStatus | undefined): boolean {
  const { code = 0 } = status ?? {};
  return code === 429 || code >= 500;
}

function orderOf(all: readonly Kind[], namespaced: boolean): Kind[] {
  const place = ({ resource }: Kind): number => {
    const at = FIRST.indexOf(resource);
    return at < 0 ? FIRST.length : at;
  };
  return all
    .filter(({ verbs, resource }) => verbs.includes('list') && !NEVER.has(resource))
    .filter((kind) => kind.namespaced || !namespaced)
    .sort((a, b) => place(a) - place(b));
}
