import type { FieldSelector, LabelSelector } from 'nekube/apimachinery';
import type { Awaitable } from 'nekube/storage';
import type { RequestInfo } from '../request-info.ts';
import type { UserInfo } from '../user.ts';

/** What somebody asks to do. A question about a path has nothing but the user, the verb and the path. */
export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** True for what has a resource, false for a path of another kind. */
  readonly resourceRequest: boolean;
  readonly path: string;
  readonly namespace: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** What the request is limited to; absent if to nothing, or if it does not parse. */
  readonly fieldSelector?: FieldSelector;
  readonly labelSelector?: LabelSelector;
}

/** What an authorizer says to it. */
export interface Decision {
  /** `no-opinion` leaves it to the next authorizer, and is a refusal if there is none. */
  readonly decision: 'allow' | 'deny' | 'no-opinion';
  /** Why, for people; empty if there is nothing to say. */
  readonly reason: string;
  /** What went wrong on the way, also where it was decided nevertheless. */
  readonly error?: string;
}

/** Decides who may do what. Never throws: what goes wrong is part of the decision. */
export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Awaitable<Decision>;
}

/** Neither yes nor no. */
export const NO_OPINION: Decision = { decision: 'no-opinion', reason: '' };

/** What a user asks for with a request. */
export function attributesOf(user: UserInfo, info: RequestInfo): AuthorizationAttributes {
  return {
    user,
    verb: info.verb,
    resourceRequest: info.isResource,
    path: info.path,
    namespace: info.namespace,
    apiGroup: info.group,
    apiVersion: info.version,
    resource: info.resource,
    subresource: info.subresource,
    name: info.name,
  };
}
