/** An object, as far as a tree of owners needs it. */
export interface OwnedRow {
  readonly uid: string;
  readonly apiVersion: string;
  readonly kind: string;
  /** The plural, as its address has it; of an owner that is only named it is not known. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly owners: readonly OwnerRef[];
  readonly created: string;
  readonly deleting: boolean;
  readonly state: RowState;
}

export interface OwnerRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** How an object is doing, and in the server's words why. */
export interface RowState {
  readonly level: 'good' | 'busy' | 'bad' | 'none';
  readonly text: string;
}

/** An object in its place; the same object may stand below each of its owners. */
export interface OwnerNode {
  /** Undefined: it is named as an owner, and was not read yet, may not be read, or is not there (any more). */
  readonly row: OwnedRow | undefined;
  readonly ref: OwnerRef;
  readonly children: readonly OwnerNode[];
  /** It stands above itself, so that its children are not shown once more. */
  readonly again: boolean;
}

/** Objects by who owns them. It keeps what has owners or is one; all else is passed over. */
export class OwnerIndex {
  readonly #rows = new Map<string, OwnedRow>();
  readonly #owned = new Map<string, Set<string>>();

  get size(): number {
    return this.#rows.size;
  }

  get(uid: string): OwnedRow | undefined {
    return this.#rows.get(uid);
  }

  /** Takes an object, new or changed, and says whether it is one of the two. */
  put(row: OwnedRow): boolean {
    const known = this.#rows.get(row.uid);
    if (known !== undefined && JSON.stringify(known) === JSON.stringify(row)) return false;
    this.remove(row.uid);
    this.#rows.set(row.uid, row);
    for (const { uid } of row.owners) {
      const owned = this.#owned.get(uid);
      if (owned === undefined) this.#owned.set(uid, new Set([row.uid]));
      else owned.add(row.uid);
    }
    return true;
  }

  remove(uid: string): void {
    for (const owner of this.#rows.get(uid)?.owners ?? []) this.#owned.get(owner.uid)?.delete(uid);
    this.#rows.delete(uid);
  }

  /** What an object owns itself. */
  *ownedBy(uid: string): Generator<OwnedRow> {
    for (const owned of this.#owned.get(uid) ?? []) yield this.#rows.get(owned)!;
  }

  /** Whose owners are known and are not themselves here: they must be read. */
  missingOwners(uid: string, seen = new Set<string>()): OwnerRef[] {
    if (seen.has(uid)) return [];
    seen.add(uid);
    return (this.#rows.get(uid)?.owners ?? []).flatMap((ref) =>
      this.#rows.has(ref.uid) ? this.missingOwners(ref.uid, seen) : [ref],
    );
  }

  /** How many objects are below one, each once. */
  descendants(uid: string): number {
    const seen = new Set<string>();
    const walk = (at: string): void => {
      for (const child of this.#owned.get(at) ?? []) {
        if (seen.has(child) || child === uid) continue;
        seen.add(child);
        walk(child);
      }
    };
    walk(uid);
    return seen.size;
  }

  /** The trees in which an object stands, from its roots down to all that depends on them. */
  trees(uid: string): OwnerNode[] {
    const row = this.#rows.get(uid);
    if (row === undefined) return [];
    const found = new Map(this.#roots(row, new Set()).map((ref) => [ref.uid, ref]));
    // objects that own each other have no root: the tree begins at the one that was asked for
    const roots = found.size === 0 ? [refOf(row)] : [...found.values()];
    return roots.map((root) => this.#node(root, new Set()));
  }

  #roots(row: OwnedRow, seen: Set<string>): OwnerRef[] {
    if (seen.has(row.uid)) return [];
    seen.add(row.uid);
    if (row.owners.length === 0) return [refOf(row)];
    return row.owners.flatMap((ref) => {
      const owner = this.#rows.get(ref.uid);
      return owner === undefined ? [ref] : this.#roots(owner, seen);
    });
  }

  #node(ref: OwnerRef, above: ReadonlySet<string>): OwnerNode {
    const row = this.#rows.get(ref.uid);
    const again = above.has(ref.uid);
    const within = new Set([...above, ref.uid]);
    const children = again ? [] : [...(this.#owned.get(ref.uid) ?? [])].map((uid) => this.#rows.get(uid)!);
    return { row, ref, again, children: children.sort(inOrder).map((child) => this.#node(refOf(child), within)) };
  }
}

function refOf({ apiVersion, kind, name, uid }: OwnedRow): OwnerRef {
  return { apiVersion, kind, name, uid };
}

function inOrder(a: OwnedRow, b: OwnedRow): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  // the newest of the same kind first: of ReplicaSets it is the one that counts
  if (a.kind === 'ReplicaSet' && a.created !== b.created) return a.created < b.created ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}

/** A line of a tree as it is shown: what is folded has no lines. */
export interface OwnerLine {
  readonly node: OwnerNode;
  readonly depth: number;
  /** Where in the tree it stands; one object may stand in several places. */
  readonly path: string;
  readonly isOpen: boolean;
}

/** The lines of trees, with all open but the paths that were folded. */
export function linesOf(trees: readonly OwnerNode[], folded: ReadonlySet<string>, depth = 0, above = ''): OwnerLine[] {
  return trees.flatMap((node) => {
    const path = `${above}/${node.ref.uid}`;
    const isOpen = node.children.length > 0 && !folded.has(path);
    const line: OwnerLine = { node, depth, path, isOpen };
    return isOpen ? [line, ...linesOf(node.children, folded, depth + 1, path)] : [line];
  });
}

/**
 * How an object is doing, by the cells that the server prints of it: `3/3`, `Running`, `True`. Cells are by their column's
 * name, and those of a kind that prints none of these names say nothing.
 */
export function stateOf(cells: ReadonlyMap<string, unknown>): RowState {
  const status = text(cells.get('Status') ?? cells.get('Phase') ?? cells.get('State'));
  const ready = text(cells.get('Ready') ?? cells.get('Completions') ?? cells.get('Available'));
  const desired = cells.get('Desired');
  const share = /^(\d+)\/(\d+)/.exec(ready);
  if (share) return level(share[1]!, share[2]!, status, ready);
  if (desired !== undefined && /^\d+$/.test(ready)) return level(ready, text(desired), '', `${ready}/${text(desired)}`);
  if (ready === 'True') return { level: 'good', text: ready };
  if (ready === 'False') return { level: 'bad', text: text(cells.get('Reason')) || 'False' };
  if (status !== '') return { level: LEVELS.get(status) ?? wordLevel(status), text: status };
  return { level: 'none', text: ready };
}

const LEVELS: ReadonlyMap<string, RowState['level']> = new Map([
  ...['Running', 'Active', 'Bound', 'Complete', 'Completed', 'Succeeded', 'Available', 'Ready', 'True'].map(
    (word) => [word, 'good'] as const,
  ),
  ...['Pending', 'ContainerCreating', 'PodInitializing', 'Terminating', 'Progressing', 'Unknown', 'Released'].map(
    (word) => [word, 'busy'] as const,
  ),
]);

function wordLevel(status: string): RowState['level'] {
  if (/Err|BackOff|Fail|Evicted|OOM|Lost|Invalid|NotReady/.test(status)) return 'bad';
  return status.startsWith('Init:') ? 'busy' : 'none';
}

function level(have: string, want: string, status: string, ready: string): RowState {
  const shown = status === '' || status === 'Running' ? ready : `${ready} ${status}`;
  if (status !== '' && wordLevel(status) === 'bad') return { level: 'bad', text: shown };
  if (['Completed', 'Succeeded', 'Complete'].includes(status)) return { level: 'good', text: shown };
  return { level: Number(have) >= Number(want) ? 'good' : 'busy', text: shown };
}

function text(cell: unknown): string {
  return cell === undefined || cell === null || cell === '<none>' ? '' : String(cell);
}
