import { FollowedCollection } from '../api/followed-collection.ts';
import { type ApiStatus, isApiError, requestJson } from '../api/http.ts';
import { apiVersionOf, collectionPath, type Kind } from '../api/kinds.ts';
import { type OwnedRow, type OwnerRef, stateOf } from './owner-index.ts';

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** A list as the server prints it. */
export interface Table {
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

/**
 * Follows the objects of a kind as the rows that the server prints of them, until it is stopped.
 *
 * @param begun what there is, where that was read already
 */
export function followTable(
  kind: Kind,
  namespace: string | undefined,
  handlers: TableHandlers,
  begun?: Table,
): () => void {
  let before = new Set<string>();
  let seen = new Set<string>();
  // only the first event says which columns there are
  let columns: Table['columnDefinitions'];
  const rowsIn = (table: Table): OwnedRow[] => {
    columns = table.columnDefinitions?.length ? table.columnDefinitions : columns;
    return rowsOf(kind, { ...table, columnDefinitions: columns });
  };
  const followed = new FollowedCollection<Table>(
    {
      path: collectionPath(kind, namespace),
      query: { includeObject: 'Metadata' },
      accept: TABLE,
      isWatched: kind.verbs.includes('watch'),
    },
    {
      page: (table, { isFirst, isLast }) => {
        if (isFirst) [before, seen] = [seen, new Set()];
        const rows = rowsIn(table);
        for (const { uid } of rows) seen.add(uid);
        handlers.put(rows);
        if (!isLast) return;
        handlers.remove([...before].filter((uid) => !seen.has(uid)));
        handlers.listed();
      },
      events: (events) => {
        for (const { type, object } of events) {
          const rows = rowsIn(object as Table);
          for (const { uid } of rows) seen[type === 'DELETED' ? 'delete' : 'add'](uid);
          if (type === 'DELETED') handlers.remove(rows.map(({ uid }) => uid));
          else if (type !== 'BOOKMARK') handlers.put(rows);
        }
      },
      state: (state) => {
        if (state.phase === 'failed') handlers.refused(state.status);
      },
    },
    begun,
  );
  return () => followed.stop();
}

/**
 * A single object as a row, or why there is none: it is not there, or may not be read.
 *
 * @throws ApiError the server does not answer, or cannot
 */
export async function readRow(
  kind: Kind,
  namespace: string | undefined,
  name: string,
): Promise<OwnedRow | 'gone' | 'refused'> {
  try {
    const url = `/k8s${collectionPath(kind, namespace)}/${encodeURIComponent(name)}?includeObject=Metadata`;
    return rowsOf(kind, await requestJson<Table>(url, { accept: TABLE }))[0] ?? 'gone';
  } catch (error) {
    if (isApiError(error, 404)) return 'gone';
    if (isApiError(error) && error.code >= 400 && error.code < 500 && error.code !== 429) return 'refused';
    throw error;
  }
}

/** The rows of a list. */
export function rowsOf(kind: Kind, { columnDefinitions = [], rows = [] }: Table): OwnedRow[] {
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
