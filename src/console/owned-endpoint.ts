import { isJsonObject, isStatusError, type JsonObject, type JsonValue, newBadRequest } from 'nekube/apimachinery';
import { isConnectionError } from 'nekube/client';
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
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/**
 * What has owners, of many collections at once: a tree of owners must look at every kind there is, and a browser takes
 * seconds for hundreds of requests. The body is `{paths}`, of collections; each is answered in its place: `{table, count}`
 * with the rows that have owners, `{status}` where it may not be listed, `{more: true}` where there is too much.
 *
 * Of most kinds nothing has owners. Metadata, which is half the work of a Table, says so; Tables are read of the others.
 */
export const ownedEndpoint: Endpoints = {
  'POST /console/owned': async (request) => {
    const paths = pathsIn(request.body);
    const answers = new Map<string, JsonObject>();
    const waiting = paths.values();
    const next = async (): Promise<void> => {
      for (const path of waiting) answers.set(path, await ownedIn(request, path));
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

async function ownedIn(request: PageRequest, path: string): Promise<JsonObject> {
  try {
    const found = await listed(request, path, METADATA);
    if (found === undefined) return { more: true };
    const { items, metadata } = found;
    const count = items.length;
    if (!items.some(hasOwners)) return { table: tableOf(metadata, [], []), count };
    const printed = await listed(request, path, TABLE);
    if (printed === undefined) return { more: true };
    const rows = printed.items.filter(hasOwners).map(shortened);
    return { table: tableOf(printed.metadata, printed.columns, rows), count };
  } catch (error) {
    const told = clusterFailure(error);
    // where the cluster does not answer all kinds fail alike, and the request with them; where one API does not, it is one kind less
    const failsForAll = isConnectionError(error) || isStatusError(error, 'Unauthorized') || request.signal.aborted;
    if (failsForAll || !isStatusError(told)) throw told;
    return { status: told.status as unknown as JsonObject };
  }
}

/** A collection, as metadata of its objects or as a Table. */
interface Listed {
  /** Objects with their metadata alone, or rows. */
  readonly items: readonly JsonValue[];
  /** That of the list. */
  readonly metadata: JsonObject;
  readonly columns: JsonValue | undefined;
}

/** All pages of a collection; undefined: it has more than {@link MOST_ROWS}, which the first page tells already where the server counts. */
async function listed({ client, signal }: PageRequest, path: string, accept: string): Promise<Listed | undefined> {
  const items: JsonValue[] = [];
  let token = '';
  for (;;) {
    const query = new URLSearchParams({ limit: String(PAGE) });
    if (accept === TABLE) query.set('includeObject', 'Metadata');
    if (token !== '') query.set('continue', token);
    const page = (await client.raw({
      method: 'GET',
      path: `${path}?${query}`,
      headers: { accept },
      signal,
    })) as JsonObject;
    const metadata = isJsonObject(page.metadata) ? page.metadata : {};
    for (const item of listOf(page.rows ?? page.items)) items.push(item);
    token = typeof metadata.continue === 'string' ? metadata.continue : '';
    if (token === '') return { items, metadata, columns: page.columnDefinitions };
    if (items.length + Number(metadata.remainingItemCount ?? 0) >= MOST_ROWS) return undefined;
  }
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}

/** Without what no tree shows, which is most of it: of most kinds there is nothing. */
function tableOf({ resourceVersion = '' }: JsonObject, columns: JsonValue | undefined, rows: JsonValue[]): JsonObject {
  const names =
    Array.isArray(columns) && rows.length > 0 ? columns.filter(isJsonObject).map(({ name = '' }) => ({ name })) : [];
  return { metadata: { resourceVersion }, columnDefinitions: names, rows };
}

function hasOwners(item: JsonValue): boolean {
  const { ownerReferences } = metadataOf(item);
  return Array.isArray(ownerReferences) && ownerReferences.length > 0;
}

function shortened(row: JsonValue): JsonObject {
  const { managedFields: _, annotations: __, labels: ___, ...metadata } = metadataOf(row);
  return { cells: (row as JsonObject).cells ?? [], object: { metadata } };
}

/** Of an object, or of that of a row. */
function metadataOf(item: JsonValue): JsonObject {
  const object = isJsonObject(item) ? (item.object ?? item) : undefined;
  return isJsonObject(object) && isJsonObject(object.metadata) ? object.metadata : {};
}
