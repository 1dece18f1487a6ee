import { type FieldSelector, type LabelSelector, parseFieldSelector, parseLabelSelector } from 'nekube/apimachinery';
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
  const { selectors } = info;
  const attributes: AuthorizationAttributes = {
    user,
    verb: info.authorizedVerb,
    resourceRequest: info.isResource,
    path: info.path,
    namespace: info.namespace,
    apiGroup: info.group,
    apiVersion: info.version,
    resource: info.resource,
    subresource: info.subresource,
    name: info.selectedName ?? info.name,
  };
  return selectors === undefined ? attributes : { ...attributes, ...selectorsOf(selectors) };
}

/** The selectors that say something; those that do not parse limit nothing, and the handler will refuse them. */
function selectorsOf({
  fields,
  labels,
}: NonNullable<RequestInfo['selectors']>): Pick<AuthorizationAttributes, 'fieldSelector' | 'labelSelector'> {
  const fieldSelector = parsed(parseFieldSelector, fields);
  const labelSelector = parsed(parseLabelSelector, labels);
  return {
    ...(fieldSelector && fieldSelector.requirements.length > 0 && { fieldSelector }),
    ...(labelSelector && labelSelector.requirements.length > 0 && { labelSelector }),
  };
}

function parsed<T>(parse: (text: string) => T, text: string): T | undefined {
  if (text === '') return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
