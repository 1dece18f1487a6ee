import type { JsonValue } from 'nekube/apimachinery';
import type { LoggedRequest } from 'nekube/envtest';

/** An object, or a part of it that has an endpoint of its own. */
export interface ObjectRef {
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for what is of the cluster. */
  readonly namespace: string;
  readonly name: string;
}

/** A write of an operator, as it sent it. */
export interface OperatorWrite extends ObjectRef {
  readonly verb: 'create' | 'update' | 'apply' | 'patch' | 'delete' | 'deletecollection';
  /** The media type of a patch: `merge-patch`, `json-patch`, `strategic-merge-patch`. */
  readonly patch?: string;
  /** What it sent; absent for a deletion without options. */
  readonly body?: JsonValue;
  readonly code: number;
}

/** What an operator asked for, without writing. */
export interface OperatorRead extends ObjectRef {
  readonly verb: 'get' | 'list' | 'watch';
  /** As it sent it; absent: it did not select. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly code: number;
}

const READS = ['get', 'list', 'watch'];
const WRITES = ['create', 'update', 'apply', 'patch', 'delete', 'deletecollection'];
/** What says something of the operator itself, or asks a question, and makes no part of what it manages. */
const NOT_MANAGED = new Set([
  '/events',
  'events.k8s.io/events',
  'coordination.k8s.io/leases',
  'authentication.k8s.io/tokenreviews',
  'authorization.k8s.io/subjectaccessreviews',
  'authorization.k8s.io/localsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
]);

/** Whether a resource is one that operators write about themselves: events, leases, reviews. */
export function isOfItself({ group, resource }: Pick<ObjectRef, 'group' | 'resource'>): boolean {
  return NOT_MANAGED.has(`${group}/${resource}`);
}

/** The write that a request was; undefined: it was none, or was about the operator itself. */
export function writeOf(request: LoggedRequest): OperatorWrite | undefined {
  const verb = request.isApply ? 'apply' : request.verb;
  if (!WRITES.includes(verb) || request.resource === '' || isOfItself(request)) return undefined;
  const { body, code = 0, query } = request;
  if (query.has('dryRun')) return undefined;
  const written = { ...refOf(request), verb: verb as OperatorWrite['verb'], code, ...(body !== undefined && { body }) };
  const patch = verb === 'patch' ? /\/([a-z-]+)\+/.exec(request.contentType)?.[1] : undefined;
  return patch === undefined ? written : { ...written, patch };
}

/** The read that a request was; undefined: it was none. */
export function readOf(request: LoggedRequest): OperatorRead | undefined {
  if (!READS.includes(request.verb) || request.resource === '' || isOfItself(request)) return undefined;
  const [labelSelector, fieldSelector] = [request.query.get('labelSelector'), request.query.get('fieldSelector')];
  return {
    ...refOf(request),
    verb: request.verb as OperatorRead['verb'],
    code: request.code ?? 0,
    ...(labelSelector && { labelSelector }),
    ...(fieldSelector && { fieldSelector }),
  };
}

/** An object in a line: `deployments.apps shop/web`. A Namespace, which requests have in itself, is `namespaces shop`. */
export function shownRef({ group, resource, subresource, namespace, name }: ObjectRef): string {
  const kind = `${resource}${group === '' ? '' : `.${group}`}${subresource === '' ? '' : `/${subresource}`}`;
  return `${kind} ${namespace === '' || isPlace({ group, resource }) ? '' : `${namespace}/`}${name}`;
}

/** Whether a resource is that of Namespaces, each of which is in itself. */
export function isPlace({ group, resource }: Pick<ObjectRef, 'group' | 'resource'>): boolean {
  return group === '' && resource === 'namespaces';
}

/** Equal for equal references. */
export function refKey({ group, resource, subresource, namespace, name }: ObjectRef): string {
  return JSON.stringify([group, resource, subresource, namespace, name]);
}

/** Who creates says the name in the body alone; of a Namespace it is also where it is, however it was written. */
function refOf({ group, resource, subresource, namespace, name: asked, body }: LoggedRequest): ObjectRef {
  const { metadata } = (body ?? {}) as {
    readonly metadata?: { readonly name?: string; readonly generateName?: string };
  };
  const generated = metadata?.generateName === undefined ? '' : `${metadata.generateName}*`;
  const name = asked || (metadata?.name ?? generated);
  return { group, resource, subresource, namespace: isPlace({ group, resource }) ? name : namespace, name };
}
