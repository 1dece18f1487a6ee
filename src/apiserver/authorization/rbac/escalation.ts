import {
  goQuote,
  jsonEqual,
  type JsonValue,
  type KubeObject,
  newForbidden,
  newNotFound,
  type StatusError,
} from 'nekube/apimachinery';
import type { RequestContext } from '../../context.ts';
import { plainError } from '../../errors.ts';
import { SYSTEM_MASTERS, type UserInfo } from '../../user.ts';
import type { AuthorizationAttributes, Authorizer } from '../authorizer.ts';
import { aggregate } from '../union.ts';
import { missingRules } from './coverage.ts';
import { formatRule, goList, type PolicyRule, rulesOfRole } from './policy-rule.ts';
import type { RoleRef, RoleRules } from './role-rules.ts';

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** What is looked at to know whether a write gives somebody more than its author has. */
export interface EscalationDeps {
  readonly authorizer: Authorizer;
  readonly roles: RoleRules;
}

/**
 * Refuses a write of a role or binding that grants what its author does not hold, unless the author may `escalate` such
 * roles or `bind` that one. All other writes pass.
 *
 * @param resource group and plural of the object's resource
 * @throws StatusError Forbidden; NotFound for a binding to a role that is not there
 */
export async function checkEscalation(
  context: Pick<RequestContext, 'user' | 'info'>,
  deps: EscalationDeps,
  resource: { readonly group: string; readonly resource: string },
  object: KubeObject,
  old: KubeObject | undefined,
): Promise<void> {
  if (resource.group !== GROUP || context.user.groups.includes(SYSTEM_MASTERS)) return;
  const isRole = resource.resource === 'roles' || resource.resource === 'clusterroles';
  if (isRole && (await mayEscalate(context, deps.authorizer))) return;
  if (old !== undefined && isOnlyForCollector(object, old)) return;
  const refuse = (why: string) =>
    newForbidden({ group: GROUP, resource: resource.resource }, object.metadata.name ?? '', why);
  if (!isRole) return checkBinding(context, deps, object, refuse);
  const problem = problemOfGranting(context, deps, rulesOfRole(object));
  if (problem !== undefined) throw refuse(problem);
  const aggregates = hasAggregation(object) || (old !== undefined && hasAggregation(old));
  if (aggregates && problemOfGranting(context, deps, EVERYTHING) !== undefined)
    throw refuse('must have cluster-admin privileges to use the aggregationRule');
}

function hasAggregation({ aggregationRule }: KubeObject): boolean {
  return (aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0;
}

async function checkBinding(
  { user, info }: Pick<RequestContext, 'user' | 'info'>,
  deps: EscalationDeps,
  binding: KubeObject,
  refuse: (why: string) => Error,
): Promise<void> {
  const { roleRef = {} } = binding;
  const { namespace } = info;
  if (await mayBind(user, namespace, roleRef, deps.authorizer)) return;
  if (pluralOf(roleRef) === undefined)
    throw plainError(`unsupported role reference kind: ${goQuote(roleRef.kind ?? '')}`);
  const rules = deps.roles.rulesOf(roleRef, namespace);
  if (rules === undefined) throw notFoundOf(info.resource, roleRef);
  const problem = problemOfGranting({ user, info }, deps, rules);
  if (problem !== undefined) throw refuse(problem);
}

/** What of the rules the user does not hold, in words. */
function problemOfGranting(
  { user, info }: Pick<RequestContext, 'user' | 'info'>,
  { roles }: EscalationDeps,
  rules: readonly PolicyRule[],
): string | undefined {
  const held = roles.rulesFor(user, info.namespace);
  const missing = missingRules(held.rules, rules);
  if (missing.length === 0) return undefined;
  const lines = [...new Set(missing.map(formatRule))].sort();
  const who = `user ${goQuote(user.name)} (groups=${goList(user.groups)})`;
  const unread = held.missing.map((role) => notFoundOf(info.resource, role).message);
  const errors = unread.length > 0 ? `; resolution errors: [${aggregate(unread)}]` : '';
  return `${who} is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${errors}`;
}

async function mayEscalate(
  { user, info }: Pick<RequestContext, 'user' | 'info'>,
  authorizer: Authorizer,
): Promise<boolean> {
  const { resource, name, namespace } = info;
  return allows(authorizer, user, { verb: 'escalate', resource, name, namespace });
}

async function mayBind(user: UserInfo, namespace: string, roleRef: RoleRef, authorizer: Authorizer): Promise<boolean> {
  const resource = pluralOf(roleRef);
  if (resource === undefined) return false;
  return allows(authorizer, user, { verb: 'bind', resource, name: roleRef.name ?? '', namespace });
}

/** A role that is not there; kube-apiserver names it after the resource of the request. */
function notFoundOf(resource: string, { name = '' }: RoleRef): StatusError {
  return newNotFound({ group: GROUP, resource }, name);
}

function pluralOf({ kind }: RoleRef): string | undefined {
  return kind === 'ClusterRole' ? 'clusterroles' : kind === 'Role' ? 'roles' : undefined;
}

async function allows(
  authorizer: Authorizer,
  user: UserInfo,
  asked: Pick<AuthorizationAttributes, 'verb' | 'resource' | 'name' | 'namespace'>,
): Promise<boolean> {
  const attributes = {
    ...asked,
    user,
    resourceRequest: true,
    path: '',
    apiGroup: GROUP,
    apiVersion: '*',
    subresource: '',
  };
  return (await authorizer.authorize(attributes)).decision === 'allow';
}

/** The garbage collector may set owner references and finalizers of what it could not grant. */
function isOnlyForCollector(object: KubeObject, old: KubeObject): boolean {
  const { ownerReferences, finalizers, managedFields } = old.metadata;
  const metadata = { ...object.metadata, ownerReferences, finalizers, managedFields };
  return jsonEqual(withoutEmpty({ ...object, metadata }), withoutEmpty(old));
}

/** What Go's semantic comparison takes for equal: an absent value, and an empty list or map. */
function withoutEmpty(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (value === null || typeof value !== 'object') return value as JsonValue;
  const kept = Object.entries(value)
    .map(([key, inner]) => [key, withoutEmpty(inner)] as const)
    .filter(([, inner]) => inner !== undefined && inner !== null && !isEmptyCollection(inner));
  return Object.fromEntries(kept) as JsonValue;
}

function isEmptyCollection(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
