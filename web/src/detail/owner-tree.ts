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
/** So many lists are read at once. */
const AT_ONCE = 5;
/** A page may have 200 watches. Of more kinds than this those that have objects are watched first. */
const MOST_WATCHED = 150;
/** Kinds that are not watched are looked at again so often. */
const LOOK_MS = 10_000;

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
 * The owners of an object, and all that depends on it. The kinds that are owned most are read by a list each, all others by
 * one request; then a watch on each keeps them. Lists are of the object's namespace, since owners and owned are in the same
 * one; of an object without, of all.
 */
export class OwnerTree {
  /** Counts what changed. */
  readonly version = signal(0);
  readonly progress = signal<{ readonly done: number; readonly all: number }>({ done: 0, all: 1 });
  /** Kinds that may not be read. */
  readonly refused = signal<readonly string[]>([]);
  readonly index = new OwnerIndex();
  readonly #stops: (() => void)[] = [];
  readonly #asked = new Set<string>();
  readonly #uid: string;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(object: KubeObject, kind: Kind) {
    this.#uid = object.metadata.uid ?? '';
    void this.#start(object, kind);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#drawing);
    for (const stop of this.#stops) stop();
  }

  async #start({ metadata: { namespace, name = '' } }: KubeObject, kind: Kind): Promise<void> {
    const own = await readRow(kind, namespace, name);
    if (own !== undefined) this.#put([own], true);
    const all = orderOf(kinds.peek() ?? [], namespace !== undefined);
    this.progress.value = { done: 0, all: all.length };
    const waiting = all.filter(({ resource }) => FIRST.includes(resource));
    const others = all.filter(({ resource }) => !FIRST.includes(resource));
    const next = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined && !this.#stopped; one = waiting.shift())
        await this.#follow(one, namespace);
    };
    await Promise.all([...Array.from({ length: AT_ONCE }, next), this.#readAll(others, namespace)]);
  }

  /** Reads kinds together, and follows as many of them as can be watched. Tries until it is told. */
  async #readAll(all: readonly Kind[], namespace: string | undefined, waitMs = 1000): Promise<void> {
    const answers = await this.#ask(all, namespace).catch(() => undefined);
    if (this.#stopped) return;
    if (answers === undefined) {
      this.#later(waitMs, () => this.#readAll(all, namespace, Math.min(waitMs * 2, 15_000)));
      return;
    }
    const found = all.map((kind, i) => ({ kind, ...answers[i]! }));
    // those that have objects are the likelier ones to have more
    found.sort((a, b) => (b.count ?? 0) - (a.count ?? 0));
    const unwatched = new Map<Kind, readonly string[]>();
    let left = MOST_WATCHED - FIRST.length;
    batch(() => {
      for (const { kind, table, status, more } of found) {
        if (more || (table && left > 0)) void this.#follow(kind, namespace, table);
        else this.#done();
        if (more || table) left--;
        if (status?.code === 403) this.refused.value = [...this.refused.peek(), kind.kind];
        if (table && left < 0) unwatched.set(kind, this.#take(kind, table));
      }
    });
    if (unwatched.size > 0) this.#lookAgain(unwatched, namespace);
  }

  /** Kinds that are too many to be watched. */
  #lookAgain(known: ReadonlyMap<Kind, readonly string[]>, namespace: string | undefined): void {
    this.#later(LOOK_MS, async () => {
      const all = [...known.keys()];
      const answers = await this.#ask(all, namespace).catch(() => []);
      if (this.#stopped) return;
      const now = new Map(known);
      for (const [i, kind] of all.entries()) {
        const table = answers[i]?.table;
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
    const timer = setTimeout(() => void act(), ms);
    this.#stops.push(() => clearTimeout(timer));
  }

  #follow(kind: Kind, namespace: string | undefined, begun?: Table): Promise<void> {
    return new Promise((resolve) => {
      let isFirst = true;
      const listed = (): void => {
        if (!isFirst) return;
        isFirst = false;
        this.#done();
        resolve();
      };
      const stop = followTable(
        kind,
        namespace,
        {
          put: (rows) => this.#put(rows),
          remove: (uids) => this.#remove(uids),
          listed,
          refused: ({ code }) => {
            if (code === 403) this.refused.value = [...this.refused.peek(), kind.kind];
            listed();
          },
        },
        begun,
      );
      this.#stops.push(stop);
    });
  }

  #done(): void {
    const { done, all } = this.progress.peek();
    this.progress.value = { done: done + 1, all };
  }

  #remove(uids: readonly string[]): void {
    for (const uid of uids) this.index.remove(uid);
    if (uids.length > 0) this.#changed();
  }

  #put(rows: readonly OwnedRow[], always = false): void {
    let changed = false;
    for (const row of rows) {
      // most objects own nothing and are owned by nobody
      if (!always && row.owners.length === 0 && this.index.get(row.uid) === undefined) continue;
      this.index.put(row);
      changed = true;
    }
    if (!changed) return;
    for (const ref of this.index.missingOwners(this.#uid)) void this.#readOwner(ref);
    this.#changed();
  }

  async #readOwner(ref: OwnerRef): Promise<void> {
    if (this.#asked.has(ref.uid)) return;
    this.#asked.add(ref.uid);
    const kind = kinds.peek()?.find((one) => one.kind === ref.kind && ref.apiVersion.startsWith(one.group));
    const below = [...this.index.ownedBy(ref.uid)][0];
    const row = kind && (await readRow(kind, kind.namespaced ? below?.namespace : undefined, ref.name));
    if (row?.uid === ref.uid && !this.#stopped) this.#put([row], true);
  }

  /** Many changes are drawn together. */
  #changed(): void {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.version.value++;
    }, 60);
  }
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
