import { signal } from '@preact/signals';
import type { KubeObject } from 'nekube/apimachinery';
import { kinds } from '../api/discovery.ts';
import type { Kind } from '../api/kinds.ts';
import { OwnerIndex, type OwnedRow, type OwnerRef } from './owner-index.ts';
import { followTable, readRow } from './table-follow.ts';

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

/**
 * The owners of an object, and all that depends on it, by one list a kind and a watch on it. Lists are of the object's
 * namespace, since owners and owned are in the same one; of an object without, of all.
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
    const waiting = orderOf(kinds.peek() ?? [], namespace !== undefined);
    this.progress.value = { done: 0, all: waiting.length };
    const next = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined && !this.#stopped; one = waiting.shift())
        await this.#follow(one, namespace);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  #follow(kind: Kind, namespace: string | undefined): Promise<void> {
    return new Promise((resolve) => {
      let isFirst = true;
      const listed = (): void => {
        if (!isFirst) return;
        isFirst = false;
        const { done, all } = this.progress.peek();
        this.progress.value = { done: done + 1, all };
        resolve();
      };
      this.#stops.push(
        followTable(kind, namespace, {
          put: (rows) => this.#put(rows),
          remove: (uids) => {
            for (const uid of uids) this.index.remove(uid);
            if (uids.length > 0) this.#changed();
          },
          listed,
          refused: ({ code }) => {
            if (code === 403) this.refused.value = [...this.refused.peek(), kind.kind];
            listed();
          },
        }),
      );
    });
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
