import {
  isStatusError,
  type JsonObject,
  type JsonValue,
  newBadRequest,
  newFailure,
  newNotFound,
  parseFieldSelector,
  parseLabelSelector,
  StatusError,
} from 'nekube/apimachinery';
import { DOCUMENTS, GROUP_DISCOVERY } from './discovery.ts';
import { METRICS, type MetricsObject, usageOf } from './objects.ts';

/** What the API has now. */
export interface MetricsView {
  pods(): readonly MetricsObject[];
  /** Their labels are told by the API of nodes. */
  nodes(): Promise<readonly MetricsObject[]>;
}

/** A request to the API. */
export interface MetricsRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly url: string;
  readonly accept: string;
}

/** An answer of the API. */
export interface MetricsAnswer {
  readonly code: number;
  readonly type: string;
  readonly body: JsonValue;
}

const JSON_TYPE = 'application/json';

/** Answers a request to the API of resource metrics. */
export async function answer(request: MetricsRequest, view: MetricsView): Promise<MetricsAnswer> {
  try {
    return await answered(request, view);
  } catch (error) {
    const { status } = StatusError.from(error);
    return { code: status.code ?? 500, type: JSON_TYPE, body: status as unknown as JsonValue };
  }
}

async function answered({ method, url: sent, accept }: MetricsRequest, view: MetricsView): Promise<MetricsAnswer> {
  if (!sent.startsWith('/') || !URL.canParse(`https://metrics${sent}`)) throw notFound();
  const url = new URL(`https://metrics${sent}`);
  // the front proxy found out whether who asks may have the path as it stands, not the one that dots lead to
  if (!url.href.startsWith(`https://metrics${sent.replace(/[?#].*$/s, '')}`)) throw notFound();
  const path = url.pathname.replace(/\/+$/, '');
  if (method !== 'GET' && method !== 'HEAD') throw notAllowed();
  if (path === '/apis' && accept.includes('as=APIGroupDiscoveryList')) return GROUP_DISCOVERY;
  const document = DOCUMENTS.get(path);
  if (document !== undefined) return { code: 200, type: JSON_TYPE, body: document };
  const place = placeOf(path.split('/').slice(1).map(decoded));
  if (place === undefined) throw notFound();
  if (url.searchParams.get('watch') === 'true') throw notAllowed();
  const all = place.resource === 'nodes' ? await view.nodes() : view.pods();
  const within = all.filter(({ namespace }) => place.namespace === undefined || namespace === place.namespace);
  const isTable = /as=Table/.test(accept);
  const body =
    place.name === undefined
      ? listOf(place, selected(within, url.searchParams), isTable)
      : oneOf(place, place.name, within, isTable);
  return { code: 200, type: JSON_TYPE, body };
}

/** What a path is about. */
interface Place {
  readonly resource: 'nodes' | 'pods';
  /** Undefined: all. */
  readonly namespace?: string;
  readonly name?: string;
}

/** A segment of a path; as it stands if it is not escaped well, by which it names nothing. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function placeOf(parts: readonly string[]): Place | undefined {
  if (parts[0] !== 'apis' || parts[1] !== METRICS.group || parts[2] !== METRICS.version) return undefined;
  const rest = parts.slice(3);
  const [resource, name, ...more] = rest;
  if (resource === 'nodes' && more.length === 0) return { resource, ...(name !== undefined && { name }) };
  if (resource === 'pods' && rest.length === 1) return { resource };
  const [, namespace, pods, pod, ...others] = rest;
  if (resource !== 'namespaces' || pods !== 'pods' || namespace === undefined || others.length > 0) return undefined;
  return { resource: 'pods', namespace, ...(pod !== undefined && { name: pod }) };
}

/** @throws StatusError BadRequest for a selector that is none */
function selected(all: readonly MetricsObject[], query: URLSearchParams): readonly MetricsObject[] {
  try {
    const labels = parseLabelSelector(query.get('labelSelector') ?? '');
    const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
    return all.filter(
      (one) =>
        labels.matches(one.labels) &&
        fields.matches({ 'metadata.name': one.name, 'metadata.namespace': one.namespace }),
    );
  } catch (error) {
    throw isStatusError(error) ? error : newBadRequest((error as Error).message);
  }
}

function oneOf(place: Place, name: string, all: readonly MetricsObject[], isTable: boolean): JsonObject {
  const found = all.find((one) => one.name === name);
  const { resource, namespace } = place;
  if (found !== undefined) return isTable ? tableOf([found]) : found.object;
  if (resource === 'nodes') throw newNotFound({ group: METRICS.group, resource: 'nodemetrics' }, name);
  throw newNotFound({ group: METRICS.group, resource: 'podmetrics' }, `${namespace}/${name}`);
}

function listOf({ resource }: Place, items: readonly MetricsObject[], isTable: boolean): JsonObject {
  if (isTable) return tableOf(items);
  const kind = resource === 'nodes' ? 'NodeMetricsList' : 'PodMetricsList';
  return { kind, apiVersion: METRICS.groupVersion, metadata: {}, items: items.map(({ object }) => object) };
}

const COLUMNS = [
  { name: 'Name', type: 'string', format: 'name', description: 'Name of the resource', priority: 0 },
  { name: 'cpu', type: 'string', format: 'quantity', description: '', priority: 0 },
  { name: 'memory', type: 'string', format: 'quantity', description: '', priority: 0 },
  { name: 'Window', type: 'string', format: 'duration', description: '', priority: 0 },
];

function tableOf(items: readonly MetricsObject[]): JsonObject {
  const rows = items.map(({ object, name, use, window }): JsonObject => {
    const { cpu, memory } = usageOf(use);
    return { cells: [name, cpu, memory, window], object };
  });
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: {}, columnDefinitions: COLUMNS, rows };
}

function notFound(): Error {
  return newFailure(404, 'NotFound', 'the server could not find the requested resource', {});
}

function notAllowed(): Error {
  return newFailure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}
