import { header } from './request-headers.ts';
import type { RequestContext } from 'nekube/apiserver';

/** Which requests are meant: those to which all that is said applies. Several values: any of them. */
export interface RequestMatch {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; `apply` for patches that apply. */
  readonly verb?: string | readonly string[];
  /** The plural: `deployments`. */
  readonly resource?: string | readonly string[];
  /** Empty for the core group; absent: any. */
  readonly group?: string;
  /** `status`; empty for the object itself; absent: any. */
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** As whom the request is made. */
  readonly user?: string | readonly string[];
  /** The beginning of the header User-Agent. */
  readonly userAgent?: string;
}

/** What of a request is matched. */
export interface MatchedRequest {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: string;
  readonly userAgent: string;
  /** Whether it is a patch that applies. */
  readonly isApply: boolean;
}

/** What a request of the server's is about. */
export function matchedOf({ info, user, request }: RequestContext): MatchedRequest {
  const { verb, group, resource, subresource, namespace, name } = info;
  return {
    verb,
    group,
    resource,
    subresource,
    namespace,
    name,
    user: user.name,
    userAgent: header(request, 'user-agent'),
    isApply: verb === 'patch' && header(request, 'content-type').startsWith('application/apply-patch'),
  };
}

const FIELDS = ['verb', 'resource', 'group', 'subresource', 'namespace', 'name', 'user', 'userAgent'];

/** A field that is mistyped would mean all requests. @throws RangeError */
export function checkMatch(match: RequestMatch | undefined): void {
  const strange = Object.keys(match ?? {}).find((field) => !FIELDS.includes(field));
  if (strange === undefined) return;
  throw new RangeError(`Requests are matched by ${FIELDS.join(', ')}, not by ${JSON.stringify(strange)}`);
}

/** Whether a request is one of those that are meant. */
export function matches(match: RequestMatch, request: MatchedRequest): boolean {
  const verbs = request.isApply ? ['patch', 'apply'] : [request.verb];
  return (
    (match.verb === undefined || verbs.some((verb) => isOneOf(match.verb, verb))) &&
    isOneOf(match.resource, request.resource) &&
    isOneOf(match.user, request.user) &&
    isOneOf(match.group, request.group) &&
    isOneOf(match.subresource, request.subresource) &&
    isOneOf(match.namespace, request.namespace) &&
    isOneOf(match.name, request.name) &&
    (match.userAgent === undefined || request.userAgent.startsWith(match.userAgent))
  );
}

function isOneOf(wanted: string | readonly string[] | undefined, value: string): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? wanted === value : wanted.includes(value);
}
