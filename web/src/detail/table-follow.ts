import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { apiVersionOf } from './followed-object.ts';
import { collectionPath, type Kind } from '../api/kinds.ts';
import { watch } from '../api/watch-socket.ts';
import { type OwnedRow, type OwnerRef, stateOf } from './owner-index.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PAGE = 500;

interface Table {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions?: readonly { readonly name: string }[];
  readonly rows?: readonly Row[];
}

interface Row {
  readonly cells: readonly unknown[];
  readonly object?: {
    readonly metadata?: {
      readonly name: string;
      readonly namespace?: string;
      readonly uid?: string;
      readonly creationTimestamp?: string;
      readonly deletionTimestamp?: string;
      readonly ownerReferences?: readonly OwnerRef[];
    };
  };
}

/** What becomes of the objects of a kind. */
export interface TableHandlers {
  readonly put: (rows: readonly OwnedRow[]) => void;
  readonly remove: (uids: readonly string[]) => void;
  /** All that there was is told. */
  readonly listed: () => void;
  /** They may not be read, or are not served. */
  readonly refused: (status: ApiStatus) => void;
}

/** Follows the objects of a kind as the rows that the server prints of them, until it is stopped. */
export function followTable(kind: Kind, namespace: string | undefined, handlers: TableHandlers): () => void {
  const abort = new AbortController();
  let endWatch = (): void => {};
  let waitMs = 1000;
  let seen = new Set<string>();

  const list = async (): Promise<void> => {
    try {
      const before = seen;
      seen = new Set();
      let next = '';
      let table: Table;
      do {
        const query = new URLSearchParams({ limit: String(PAGE), includeObject: 'Metadata' });
        if (next !== '') query.set('continue', next);
        const url = `/k8s${collectionPath(kind, namespace)}?${query}`;
        table = await requestJson<Table>(url, { accept: TABLE, signal: abort.signal });
        const rows = rowsOf(kind, table);
        for (const { uid } of rows) seen.add(uid);
        handlers.put(rows);
        next = table.metadata?.continue ?? '';
      } while (next !== '');
      handlers.remove([...before].filter((uid) => !seen.has(uid)));
      handlers.listed();
      waitMs = 1000;
      follow(table.metadata?.resourceVersion ?? '');
    } catch (error) {
      if (abort.signal.aborted) return;
      const code = isApiError(error) ? error.code : 500;
      if (isApiError(error) && [401, 403, 404, 405].includes(code)) return handlers.refused(error.status);
      later();
    }
  };

  const follow = (resourceVersion: string): void => {
    if (!kind.verbs.includes('watch')) return;
    const query = new URLSearchParams({ watch: '1', resourceVersion, includeObject: 'Metadata' });
    let columns: Table['columnDefinitions'];
    endWatch = watch(
      `${collectionPath(kind, namespace)}?${query}`,
      {
        events: (events) => {
          for (const { type, object } of events) {
            const table = object as Table;
            // only the first event says which columns there are
            columns = table.columnDefinitions?.length ? table.columnDefinitions : columns;
            const rows = rowsOf(kind, { ...table, columnDefinitions: columns });
            for (const { uid } of rows) seen[type === 'DELETED' ? 'delete' : 'add'](uid);
            if (type === 'DELETED') handlers.remove(rows.map(({ uid }) => uid));
            else if (type !== 'BOOKMARK') handlers.put(rows);
          }
        },
        end: later,
      },
      TABLE,
    );
  };

  const later = (): void => {
    if (abort.signal.aborted) return;
    setTimeout(() => void (abort.signal.aborted || list()), waitMs);
    waitMs = Math.min(waitMs * 2, 15_000);
  };

  void list();
  return () => {
    abort.abort();
    endWatch();
  };
}

/** A single object as a row; undefined: it is not there, or may not be read. */
export async function readRow(kind: Kind, namespace: string | undefined, name: string): Promise<OwnedRow | undefined> {
  try {
    const url = `/k8s${collectionPath(kind, namespace)}/${encodeURIComponent(name)}?includeObject=Metadata`;
    return rowsOf(kind, await requestJson<Table>(url, { accept: TABLE }))[0];
  } catch {
    return undefined;
  }
}

function rowsOf(kind: Kind, { columnDefinitions = [], rows = [] }: Table): OwnedRow[] {
  return rows.flatMap(({ cells, object }) => {
    const metadata = object?.metadata;
    if (metadata?.uid === undefined) return [];
    const named = new Map(columnDefinitions.map(({ name }, i) => [name, cells[i]]));
    return [
      {
        uid: metadata.uid,
        apiVersion: apiVersionOf(kind),
        kind: kind.kind,
        resource: kind.path,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        owners: metadata.ownerReferences ?? [],
        created: metadata.creationTimestamp ?? '',
        deleting: metadata.deletionTimestamp !== undefined,
        state: stateOf(named),
      },
    ];
  });
}
