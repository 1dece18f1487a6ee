import { signal } from '@preact/signals';
import { FollowedCollection, type FollowState } from '../api/followed-collection.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import type { WatchEvent } from '../api/watch-socket.ts';
import { type Column, columnsOf, type TableColumn } from './columns.ts';
import { RowMaker, type TableRow } from './row.ts';
import { SortedRows } from './sorted-rows.ts';

/** What a list is of. */
export interface ListSource {
  readonly kind: Kind;
  /** Absent: of all namespaces. */
  readonly namespace?: string;
  /** A field selector, for lists that show a part of a kind. */
  readonly selector?: string;
  /** Paths of fields that the rows have beside their cells; with any, the server sends whole objects. */
  readonly fields: readonly string[];
  /** The state at this revision, which does not change any more. Absent: now, followed by a watch. */
  readonly revision?: string;
}

/** `total` is what the server thinks that there are, while they come in. */
export type ListState = FollowState & { readonly total?: number };

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface Table {
  readonly kind?: string;
  readonly metadata?: {
    readonly resourceVersion?: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly columnDefinitions?: readonly TableColumn[];
  readonly rows?: readonly TableRow[];
}

/** The objects of a kind as rows: listed in pages, then kept as they are by a watch, through whatever happens to it. */
export class TableList {
  readonly state = signal<ListState>({ phase: 'loading' });
  readonly columns = signal<readonly Column[]>([]);
  readonly rows = new SortedRows();
  /** Counts changes of `rows`. */
  readonly version = signal(0);
  readonly kind: Kind;
  readonly #source: ListSource;
  readonly #maker: RowMaker;
  readonly #followed: FollowedCollection<Table>;
  /** Rows that the list which comes in has not told of yet. What has no newer state at its end goes. */
  #before = new Set<string>();

  constructor(source: ListSource) {
    this.#source = source;
    this.kind = source.kind;
    this.#maker = new RowMaker(source.fields);
    const { kind, namespace, selector, revision, fields } = source;
    this.#followed = new FollowedCollection<Table>(
      {
        path: collectionPath(kind, namespace),
        query: {
          includeObject: fields.length > 0 ? 'Object' : 'Metadata',
          ...(selector !== undefined && { fieldSelector: selector }),
        },
        accept: TABLE,
        revision,
        isWatched: kind.verbs.includes('watch'),
      },
      {
        page: (table, place) => this.#page(table, place),
        events: (events) => {
          for (const event of events) this.#take(event);
          this.version.value++;
        },
        state: (state) => this.#tell(state),
      },
    );
  }

  /** Ends it; it is of no use then. */
  stop(): void {
    this.#followed.stop();
  }

  /** Lists anew, after a failure or to see what a watch did not tell. */
  again(): void {
    this.#followed.again();
  }

  #tell(state: FollowState): void {
    if (state.phase === 'failed') {
      this.rows.clear();
      this.version.value++;
    }
    this.state.value = state;
  }

  async #page(
    table: Table,
    { isFirst, isLast }: { readonly isFirst: boolean; readonly isLast: boolean },
  ): Promise<void> {
    if (isFirst) this.#before = new Set(this.rows.rows().map((row) => row.id));
    this.#define(table);
    const rows = (table.rows ?? []).map((row) => this.#maker.make(row, Date.now()));
    this.rows.put(rows);
    for (const row of rows) this.#before.delete(row.id);
    if (isLast) for (const id of this.#before) this.rows.delete(id);
    else {
      const remaining = table.metadata?.remainingItemCount;
      const total = remaining === undefined ? undefined : this.rows.size - this.#before.size + remaining;
      this.state.value = { phase: 'loading', total };
    }
    this.version.value++;
    // a page in between is drawn before the next is read
    if (!isLast) await new Promise((resolve) => setTimeout(resolve));
  }

  #define(table: Table): void {
    if (!table.columnDefinitions?.length) return;
    const withNamespace = this.#source.kind.namespaced && this.#source.namespace === undefined;
    const columns = columnsOf(table.columnDefinitions, withNamespace);
    if (JSON.stringify(columns) !== JSON.stringify(this.columns.peek())) this.columns.value = columns;
  }

  #take({ type, object }: WatchEvent): void {
    const table = object as Table;
    this.#define(table);
    if (type === 'BOOKMARK') return;
    const rows = (table.rows ?? []).map((row) => this.#maker.make(row, Date.now()));
    if (type === 'DELETED') for (const row of rows) this.rows.delete(row.id);
    else this.rows.put(rows);
  }
}
