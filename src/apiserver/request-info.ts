import { isValidPathSegmentName, parseFieldSelector, parseLabelSelector } from 'nekube/apimachinery';

/** What a request asks for, read from its method and path alone (kube-apiserver's RequestInfo). */
export interface RequestInfo {
  /** False for `/healthz`, `/version`, discovery, OpenAPI and unknown paths. */
  readonly isResource: boolean;
  readonly path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; the lower-case method otherwise. */
  readonly verb: string;
  readonly prefix: 'api' | 'apis' | '';
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  /** The plural resource; empty where the path ends before it. */
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** Path segments after the subresource, as in a proxied path. */
  readonly rest: readonly string[];
  /** The verb that has to be allowed: that of a HEAD is the one of its GET. */
  readonly authorizedVerb: string;
  /** The one name that the field selector of a list lets through: it has to be allowed, as if it stood in the path. */
  readonly selectedName?: string;
  /** What a list, watch or deletecollection is limited to, as its query says it. */
  readonly selectors?: { readonly fields: string; readonly labels: string };
}

/** A Map, since a method of HTTP/2 may be any word, `constructor` too. */
const VERBS: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/** Subresources of namespaces; any other second segment after a namespace's name is a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/**
 * Reads a request's decoded path. `/api/v1/watch/…` is the old form of a watch, whatever the method is, and an empty
 * namespace is all of them.
 *
 * A GET with `watch=true` in its query is a watch, one without a name a list; a DELETE without a name is a
 * deletecollection.
 */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = segmentsOf(path);
  const prefix = path.startsWith('//') ? '' : parts[0];
  if ((prefix !== 'api' && prefix !== 'apis') || parts.length < (prefix === 'api' ? 3 : 4))
    return { ...NO_RESOURCE, path, verb: method.toLowerCase(), authorizedVerb: method.toLowerCase() };
  const verb = VERBS.get(method) ?? method.toLowerCase();
  const group = prefix === 'api' ? '' : parts[1]!;
  const version = prefix === 'api' ? parts[1]! : parts[2]!;
  const target = parseTarget(parts.slice(prefix === 'api' ? 2 : 3));
  const refined = refineVerb(verb, target, query);
  const { namespace, resource, subresource, name, rest } = target;
  const info: RequestInfo = {
    isResource: true,
    path,
    prefix,
    group,
    version,
    namespace,
    resource,
    subresource,
    name,
    rest,
    verb: refined,
    authorizedVerb: authorizedVerb(method, refined, target, query),
  };
  return target.watch || !VERBS_WITH_SELECTORS.has(refined) ? info : { ...info, ...limitsOf(refined, target, query) };
}

/** Without the slash at the front and all of those at the end; by no pattern, which would take quadratic time. */
function segmentsOf(path: string): string[] {
  let end = path.length;
  while (end > 0 && path[end - 1] === '/') end--;
  return path.slice(path.startsWith('/') ? 1 : 0, end).split('/');
}

/** In kube-apiserver's words a HEAD is a GET, all below `watch/` is a watch, and a method that it does not know is none. */
function authorizedVerb(method: string, refined: string, target: Target, query: URLSearchParams): string {
  if (method === 'HEAD' && !target.watch) return refineVerb('get', target, query);
  return target.watch || VERBS.has(method) ? refined : '';
}

/** Of a path of another kind. */
const NO_RESOURCE = {
  isResource: false,
  prefix: '',
  group: '',
  version: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
  rest: [],
} as const;

const VERBS_WITH_SELECTORS = new Set(['list', 'watch', 'deletecollection']);

function limitsOf(
  verb: string,
  target: Target,
  query: URLSearchParams,
): Pick<RequestInfo, 'selectedName' | 'selectors'> {
  const fields = query.get('fieldSelector') ?? '';
  const labels = query.get('labelSelector') ?? '';
  const isList = target.name === '' && verb !== 'deletecollection';
  const selectedName =
    isList && ['limit', 'timeoutSeconds'].every((key) => isInteger(query.get(key)))
      ? nameIn(fields, labels)
      : undefined;
  return {
    ...(selectedName !== undefined && { selectedName }),
    ...((fields !== '' || labels !== '') && { selectors: { fields, labels } }),
  };
}

function isInteger(text: string | null): boolean {
  return text === null || /^[+-]?\d+$/.test(text);
}

/** The name that a field selector asks for, if it is one that a path could hold, and all of the query parses. */
function nameIn(fields: string, labels: string): string | undefined {
  if (!fields.includes('metadata.name')) return undefined;
  try {
    parseLabelSelector(labels);
    const name = parseFieldSelector(fields).exactMatch('metadata.name');
    return name !== undefined && isValidPathSegmentName(name).length === 0 ? name : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The path of a request's target without its escapes, as Go's servers see it: an escaped slash divides as any other,
 * bytes that are not UTF-8 become U+FFFD. Undefined for a broken escape.
 */
export function decodePath(path: string): string | undefined {
  if (!path.includes('%')) return path;
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return undefined;
  const bytes = path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

type Target = Pick<RequestInfo, 'namespace' | 'resource' | 'subresource' | 'name' | 'rest'> & {
  readonly watch: boolean;
};

function parseTarget(segments: readonly string[]): Target {
  const watch = segments[0] === 'watch' && segments.length > 1;
  let rest = watch ? segments.slice(1) : segments;
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!;
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...more] = rest;
  return { namespace, resource, name, subresource, rest: more, watch };
}

function refineVerb(verb: string, target: Target, query: URLSearchParams): string {
  if (target.watch) return 'watch';
  if (verb === 'get') {
    if (target.name !== '') return 'get';
    return isTrue(query.get('watch')) ? 'watch' : 'list';
  }
  if (verb === 'delete' && target.name === '') return 'deletecollection';
  return verb;
}

/** A boolean query parameter: present and neither `false` nor `0`, as Kubernetes converts them. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
