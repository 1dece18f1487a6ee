import { signal } from '@preact/signals';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { connection, type WatchEvent, watch } from '../api/watch-socket.ts';
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

export type ListState =
  /** Pages come in; what is there can be used. `total` is what the server thinks. */
  | { readonly phase: 'loading'; readonly total?: number }
  /** All there, and every change comes in. */
  | { readonly phase: 'live' }
  /** All there, and it stays so: of an earlier revision, or of a kind that cannot be watched. */
  | { readonly phase: 'still' }
  /** The connection is lost, or the server is: what is there may be old. It goes on by itself. */
  | { readonly phase: 'waiting'; readonly status: ApiStatus }
  /** It will not go on by itself: it may not be seen, is not served any more, is too long ago. */
  | { readonly phase: 'failed'; readonly status: ApiStatus };

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PAGE = 500;

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
  readonly #path: string;
  #maker: RowMaker;
  #abort = new AbortController();
  #endWatch: () => void = () => {};
  #attempts = 0;

  constructor(source: ListSource) {
    this.#source = source;
    this.kind = source.kind;
    this.#path = collectionPath(source.kind, source.namespace);
    this.#maker = new RowMaker(source.fields);
    void this.#list();
  }

  /** Ends it; it is of no use then. */
  stop(): void {
    this.#abort.abort();
    this.#endWatch();
  }

  /** Lists anew, after a failure or to see what a watch did not tell. */
  again(): void {
    this.#abort.abort();
    this.#endWatch();
    this.#abort = new AbortController();
    this.#attempts = 0;
    void this.#list();
  }

  /** Pages of one state. What is there already stays until its newer state comes, and goes at the end if it has none. */
  async #list(): Promise<void> {
    const { signal } = this.#abort;
    const before = new Set(this.rows.rows().map((row) => row.id));
    this.state.value = { phase: 'loading' };
    let next: string | undefined;
    let revision = '';
    try {
      do {
        const table = await requestJson<Table>(this.#pageUrl(next), { accept: TABLE, signal });
        if (signal.aborted) return;
        revision = table.metadata?.resourceVersion ?? '';
        next = table.metadata?.continue || undefined;
        this.#define(table);
        const rows = (table.rows ?? []).map((row) => this.#maker.make(row, Date.now()));
        this.rows.put(rows);
        for (const row of rows) before.delete(row.id);
        const remaining = table.metadata?.remainingItemCount;
        const total = remaining === undefined ? undefined : this.rows.size - before.size + remaining;
        if (next) this.state.value = { phase: 'loading', total };
        this.version.value++;
        // a page in between is drawn before the next is read
        if (next) await new Promise((resolve) => setTimeout(resolve));
      } while (next && !signal.aborted);
    } catch (error) {
      if (!signal.aborted) this.#listFailed(error);
      return;
    }
    for (const id of before) this.rows.delete(id);
    this.version.value++;
    this.#attempts = 0;
    if (this.#source.revision !== undefined || !this.#source.kind.verbs.includes('watch')) {
      this.state.value = { phase: 'still' };
      return;
    }
    this.state.value = { phase: 'live' };
    this.#watch(revision);
  }

  #pageUrl(next: string | undefined): string {
    const query = new URLSearchParams({ limit: String(PAGE), includeObject: this.#include });
    const { revision, selector } = this.#source;
    if (selector !== undefined) query.set('fieldSelector', selector);
    if (next) query.set('continue', next);
    else if (revision !== undefined) {
      query.set('resourceVersion', revision);
      query.set('resourceVersionMatch', 'Exact');
    }
    return `/k8s${this.#path}?${query}`;
  }

  get #include(): 'Object' | 'Metadata' {
    return this.#source.fields.length > 0 ? 'Object' : 'Metadata';
  }

  /** A list that cannot be had now is tried again, with growing waits; one that we may not have is not. */
  #listFailed(error: unknown): void {
    if (!isApiError(error)) {
      this.state.value = { phase: 'failed', status: { message: String((error as Error).message) } };
      return;
    }
    const expired = error.code === 410 && this.#source.revision === undefined;
    const away = error.code === 0 || error.code === 429 || error.code >= 500;
    if (!expired && !away) {
      this.rows.clear();
      this.version.value++;
      this.state.value = { phase: 'failed', status: error.status };
      return;
    }
    if (away) this.state.value = { phase: 'waiting', status: error.status };
    this.#later(() => void this.#list());
  }

  #later(work: () => void): void {
    const { signal } = this.#abort;
    const waitMs = Math.min(250 * 2 ** this.#attempts++, 8000);
    setTimeout(() => !signal.aborted && work(), waitMs);
  }

  #define(table: Table): void {
    if (!table.columnDefinitions?.length) return;
    const withNamespace = this.#source.kind.namespaced && this.#source.namespace === undefined;
    const columns = columnsOf(table.columnDefinitions, withNamespace);
    if (JSON.stringify(columns) !== JSON.stringify(this.columns.peek())) this.columns.value = columns;
  }

  #watch(from: string): void {
    let revision = from;
    const query = new URLSearchParams({
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: revision,
      includeObject: this.#include,
    });
    if (this.#source.selector !== undefined) query.set('fieldSelector', this.#source.selector);
    const { signal } = this.#abort;
    let expired: ApiStatus | undefined;
    this.#endWatch = watch(
      `${this.#path}?${query}`,
      {
        events: (events) => {
          if (signal.aborted) return;
          this.#attempts = 0;
          for (const event of events) {
            if (event.type === 'ERROR') expired = event.object as ApiStatus;
            else revision = this.#take(event) ?? revision;
          }
          this.version.value++;
        },
        end: (status) => {
          if (!signal.aborted) this.#watchEnded(expired ?? status, revision);
        },
      },
      TABLE,
    );
  }

  /** Takes one event in; returns its revision. */
  #take({ type, object }: WatchEvent): string | undefined {
    const table = object as Table;
    this.#define(table);
    let revision = table.kind === 'Table' ? undefined : table.metadata?.resourceVersion;
    for (const tableRow of table.rows ?? []) {
      revision = tableRow.object?.metadata?.resourceVersion ?? revision;
      if (type === 'BOOKMARK') continue;
      const row = this.#maker.make(tableRow, Date.now());
      if (type === 'DELETED') this.rows.delete(row.id);
      else this.rows.put([row]);
    }
    return revision;
  }

  /** A watch that ends goes on from where it was; one whose revision is gone, or not known any more, begins with a list. */
  #watchEnded(status: ApiStatus, revision: string): void {
    const { code = 200 } = status;
    if (code === 200) return this.#later(() => this.#watch(revision));
    if (code === 403 || code === 404 || code === 405) return void this.#list();
    if (code !== 410) this.state.value = { phase: 'waiting', status };
    const { signal } = this.#abort;
    // a server that comes back may have another past, so what it has is asked for as a whole
    const stop = connection.subscribe(({ state }) => {
      if (state !== 'connected') return;
      queueMicrotask(() => stop());
      if (!signal.aborted) this.#later(() => void this.#list());
    });
  }
}
