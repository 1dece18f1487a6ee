import type { JsonObject } from 'nekube/apimachinery';

/** What a request was about. */
export type RequestTarget = ResourceTarget | PathTarget;

/** A resource: one object if it has a name, else all of a namespace, or of the cluster. */
export interface ResourceTarget {
  readonly group: string;
  readonly version: string;
  /** The plural. */
  readonly resource: string;
  /** Empty for the resource itself. */
  readonly subresource: string;
  /** Empty for what is of the cluster, and for a request for all namespaces. */
  readonly namespace: string;
  /** Empty where the request names none. */
  readonly name: string;
}

/** A path that is no resource: discovery, health, metrics. */
export interface PathTarget {
  readonly path: string;
}

/** How a request ended: it was let through (also if it failed then), the authorizer forbade it, or nobody knows. */
export type Decision = 'allowed' | 'denied' | 'unknown';

/** A request that an API server got, as its audit log tells of it. */
export interface TrailRequest {
  /** The same for all stages of a request (`auditID`). */
  readonly id: string;
  /** When it came, in milliseconds since 1970. */
  readonly time: number;
  readonly user: Identity;
  /** As whom it was made, by impersonation. */
  readonly impersonated?: Identity;
  readonly userAgent: string;
  /** As the authorizer has it: `get`, `list`, `deletecollection`, or of a path the method in lower case. */
  readonly verb: string;
  readonly target: RequestTarget;
  /** The status code; 0: the log has no more than that it came. */
  readonly code: number;
  readonly decision: Decision;
  /** Its path and query. */
  readonly uri: string;
  /** The object that was sent; absent where the log does not have it. */
  readonly body?: JsonObject;
}

/** Who somebody is. */
export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
  /** Absent where it is not said, as is {@link extra}. */
  readonly uid?: string;
  /** What else is said of it, by keys. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Whether a request was about a resource. */
export function isOfResource(target: RequestTarget): target is ResourceTarget {
  return 'resource' in target;
}

/** A kind as its definition is called, as in `shops.shop.example`; of no group the plural alone. */
export function kindName({ group, resource }: Pick<ResourceTarget, 'group' | 'resource'>): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** A request that was about a resource. */
export type ResourceRequest = TrailRequest & { readonly target: ResourceTarget };

/** The same of a request as a whole. */
export function isResourceRequest(request: TrailRequest): request is ResourceRequest {
  return isOfResource(request.target);
}

/** Whether the log has no more of a request than that it came (the stage `RequestReceived`): perhaps it was refused. */
export function isWithoutOutcome({ code, decision }: TrailRequest): boolean {
  return code === 0 && decision === 'unknown';
}

/** Whom the authorizer asked about: the one who is impersonated, if anybody. */
export function actorOf({ user, impersonated }: TrailRequest): Identity {
  return impersonated ?? user;
}
