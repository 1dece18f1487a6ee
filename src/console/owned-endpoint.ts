import { isJsonObject, isStatusError, type JsonObject, type JsonValue, newBadRequest } from 'nekube/apimachinery';
import { clusterFailure } from './cluster.ts';
import { checkCollectionPath } from './cluster-path.ts';
import type { Endpoints, PageRequest } from './endpoint.ts';

/** A cluster has hundreds of kinds at most. */
const MOST_PATHS = 2000;
/** So many lists are read at once. */
const AT_ONCE = 40;
const PAGE = 500;
/** Of a kind with more objects a page reads the list itself. */
const MOST_ROWS = 5000;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/**
 * What has owners, of many collections at once: a tree of owners must look at every kind there is, and a browser takes
 * seconds for hundreds of requests. The body is `{paths}`, of collections; each is answered in its place: `{table, count}`
 * with the rows that have owners, `{status}` where it may not be listed, `{more: true}` where there is too much.
 */
export const ownedEndpoint: Endpoints = {
  'POST /console/owned': async (request) => {
    const paths = pathsIn(request.body);
    const answers = new Map<string, JsonObject>();
    const waiting = [...paths];
    const next = async (): Promise<void> => {
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop())
        answers.set(path, await ownedIn(request, path));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    return { answers: paths.map((path) => answers.get(path)!) };
  },
};

/** @throws StatusError `BadRequest` */
function pathsIn(body: JsonValue | undefined): string[] {
  const paths = isJsonObject(body) ? body.paths : undefined;
  const isList = Array.isArray(paths) && paths.every((one) => typeof one === 'string');
  if (!isList || paths.length > MOST_PATHS)
    throw newBadRequest(`paths must be a list of no more than ${MOST_PATHS} texts`);
  return (paths as string[]).map(checkCollectionPath);
}

async function ownedIn({ client, signal }: PageRequest, path: string): Promise<JsonObject> {
  const rows: JsonValue[] = [];
  let count = 0;
  let token = '';
  try {
    for (;;) {
      const query = new URLSearchParams({ limit: String(PAGE), includeObject: 'Metadata' });
      if (token !== '') query.set('continue', token);
      const headers = { accept: TABLE };
      const table = (await client.raw({ method: 'GET', path: `${path}?${query}`, headers, signal })) as JsonObject;
      const all = Array.isArray(table.rows) ? table.rows : [];
      rows.push(...all.filter(hasOwners).map(shortened));
      count += all.length;
      const metadata = isJsonObject(table.metadata) ? table.metadata : {};
      token = typeof metadata.continue === 'string' ? metadata.continue : '';
      if (token === '') return { table: tableOf(metadata, table.columnDefinitions, rows), count };
      if (count >= MOST_ROWS) return { more: true };
    }
  } catch (error) {
    // a cluster that does not answer is no empty one
    const told = clusterFailure(error);
    if (!isStatusError(told) || signal.aborted || told.status.code === 502 || told.status.code === 503) throw told;
    return { status: told.status as unknown as JsonObject };
  }
}

/** Without what no tree shows, which is most of it: of most kinds there is nothing. */
function tableOf({ resourceVersion = '' }: JsonObject, columns: JsonValue | undefined, rows: JsonValue[]): JsonObject {
  const names =
    Array.isArray(columns) && rows.length > 0 ? columns.filter(isJsonObject).map(({ name = '' }) => ({ name })) : [];
  return { metadata: { resourceVersion }, columnDefinitions: names, rows };
}

function hasOwners(row: JsonValue): boolean {
  const { ownerReferences } = metadataOf(row);
  return Array.isArray(ownerReferences) && ownerReferences.length > 0;
}

function shortened(row: JsonValue): JsonObject {
  const { managedFields: _, annotations: __, labels: ___, ...metadata } = metadataOf(row);
  return { cells: (row as JsonObject).cells ?? [], object: { metadata } };
}

function metadataOf(row: JsonValue): JsonObject {
  const object = isJsonObject(row) ? row.object : undefined;
  return isJsonObject(object) && isJsonObject(object.metadata) ? object.metadata : {};
}
