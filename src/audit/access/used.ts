import { isJsonObject, type JsonObject, type JsonValue } from 'nekube/apimachinery';
import { actorOf, isOfResource, isWithoutOutcome, type ResourceTarget, type TrailRequest } from '../trail/request.ts';
import {
  isOnResource,
  type Permission,
  type PathPermission,
  permissionKey,
  type ResourcePermission,
  type UsedPermission,
} from './permission.ts';
import { accountOfUser } from './service-account.ts';

/** What somebody used of what they may. */
export interface Usage {
  readonly resources: readonly UsedPermission<ResourcePermission>[];
  readonly paths: readonly UsedPermission<PathPermission>[];
  /** What the log does not show well enough to say a permission for it, as sentences. */
  readonly gaps: readonly string[];
  /** Whether it got what is there by a watch, without `list`: a server that cannot do so (before Kubernetes 1.32) would be asked by list. */
  readonly isWithoutList: boolean;
  /** Requests that were refused: they are no use. */
  readonly denied: readonly TrailRequest[];
  /** How many requests the log has no outcome of: they count as used, though they may have been refused. */
  readonly withoutOutcome: number;
  /** From the first request to the last, in milliseconds since 1970; undefined: there is none. */
  readonly window?: { readonly from: number; readonly to: number };
  readonly requests: number;
}

/** What everybody signed in may, by the bindings that every cluster has: no role needs it. */
const FOR_ALL = new Set([
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authentication.k8s.io/selfsubjectreviews',
]);
/** Subresources of which a GET is a stream into a pod: of that the authorizer is asked as for a POST, too. */
const STREAMS = new Set(['pods/exec', 'pods/attach', 'pods/portforward']);
const RBAC = 'rbac.authorization.k8s.io';
const PATHS_FOR_ALL = /^\/((api|apis|openapi)(\/|$)|version\/?$|(healthz|livez|readyz)$)/;

/**
 * The permissions that the requests of a user needed, as the authorizer was asked for them: by the request itself, and by what came of
 * it (an update or apply that made its object also needs `create`). Requests that were refused do not count.
 *
 * @param user as in `system:serviceaccount:NAMESPACE:NAME`
 */
export function usageOf(requests: readonly TrailRequest[], user: string): Usage {
  const own = requests.filter((request) => actorOf(request).name === user || request.user.name === user);
  const denied = own.filter(({ decision }) => decision === 'denied');
  const collected = new Collected();
  for (const request of own) {
    if (actorOf(request).name !== user) addImpersonation(request, collected);
    else if (request.decision !== 'denied') addOf(request, own, collected);
  }
  const times = own.map(({ time }) => time);
  return {
    ...collected.result(),
    denied,
    withoutOutcome: own.filter(isWithoutOutcome).length,
    isWithoutList: own.some(({ verb, uri }) => verb === 'watch' && /[?&]sendInitialEvents=true/.test(uri)),
    ...(own.length > 0 && { window: { from: Math.min(...times), to: Math.max(...times) } }),
    requests: own.length,
  };
}

function addOf(request: TrailRequest, own: readonly TrailRequest[], to: Collected): void {
  if (request.decision === 'unknown' && request.code === 403) {
    to.gap(`${shown(request)} was forbidden, and the log does not say by whom: it is not counted as used`);
    return;
  }
  const { target, verb } = request;
  if (!isOfResource(target)) {
    if (!PATHS_FOR_ALL.test(target.path)) to.add({ verb, path: target.path }, request);
    return;
  }
  const permission = permissionOf(target, verb);
  if (FOR_ALL.has(`${target.group}/${target.resource}`)) return;
  to.add(permission, request);
  const isMade = request.code === 201 && (verb === 'patch' || verb === 'update');
  if (isMade) to.add({ ...permission, verb: 'create' }, request, 'the object was not there, and was made');
  if (verb === 'get' && STREAMS.has(permission.resource))
    to.add(
      { ...permission, verb: 'create' },
      request,
      'who opens a stream by GET needs this as well, from Kubernetes 1.35',
    );
  // forbidden though the authorizer allowed it: since it lacks these rights
  if (request.code === 403) return;
  addRoleRights(request, target, own, to);
  addSignerRights(request, target, to);
}

function permissionOf(
  { group, resource, subresource, namespace, name }: ResourceTarget,
  verb: string,
): ResourcePermission {
  // a namespace is a thing of the cluster, though its requests say that they are in it
  const isNamespace = group === '' && resource === 'namespaces';
  return {
    verb,
    group,
    resource: subresource === '' ? resource : `${resource}/${subresource}`,
    namespace: isNamespace ? '' : namespace,
    // who creates says no name that the authorizer could know, but of a subresource
    name: verb === 'create' && subresource === '' ? '' : name,
  };
}

/**
 * To act as another, one must be allowed to impersonate each of what that one is. A log says as whom a request was made only where that
 * was allowed, also if that other was refused.
 */
function addImpersonation(request: TrailRequest, to: Collected): void {
  const { name, groups, uid, extra = {} } = request.impersonated!;
  const because = 'it acted as another';
  const of = (resource: string, whom: string, namespace = '', group = ''): void =>
    to.add({ verb: 'impersonate', group, resource, namespace, name: whom }, request, because);
  const account = accountOfUser(name);
  if (account === undefined) of('users', name);
  else of('serviceaccounts', account.name, account.namespace);
  // these come with the name, and are not asked about
  const given = /^system:(authenticated|unauthenticated|serviceaccounts(:.*)?)$/;
  for (const group of groups) if (!given.test(group)) of('groups', group);
  if (uid !== undefined) of('uids', uid, '', 'authentication.k8s.io');
  for (const [key, values] of Object.entries(extra))
    for (const value of values) of(`userextras/${key}`, value, '', 'authentication.k8s.io');
}

/** Who grants rules must have them (or `escalate`); who binds a role must have its rules, or `bind` it. */
function addRoleRights(
  request: TrailRequest,
  { group, resource, namespace }: ResourceTarget,
  own: readonly TrailRequest[],
  to: Collected,
): void {
  if (group !== RBAC || !['create', 'update', 'patch'].includes(request.verb)) return;
  const { body } = request;
  const because = 'who writes a role or a binding must have what it grants';
  if (resource === 'roles' || resource === 'clusterroles') {
    const rules = grantsOf(body?.rules);
    if (rules === undefined)
      return to.gap(`${shown(request)}: the log has not the rules that it granted, which it must have itself`);
    const place = resource === 'roles' ? namespace : '';
    for (const rule of rules) to.add(isOnResource(rule) ? { ...rule, namespace: place } : rule, request, because);
    if (isJsonObject(body?.aggregationRule))
      to.gap(`${shown(request)}: it has an aggregation rule, for which it must have all rights, or escalate`);
    return;
  }
  const roleRef = isJsonObject(body?.roleRef) ? body.roleRef : undefined;
  if (roleRef === undefined)
    return to.gap(`${shown(request)}: the log has not the role that it bound, for which it must have bind`);
  const of = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
  const place = of === 'roles' || resource === 'rolebindings' ? namespace : '';
  // of what it made itself it has the rules; to be allowed to bind would be more, in the end any role
  if (own.some((one) => isOfRole(one, of, of === 'roles' ? namespace : '', roleRef.name))) return;
  to.add({ verb: 'bind', group, resource: of, namespace: place, name: String(roleRef.name ?? '') }, request, because);
}

/** Whether a request wrote a role, with rules that the log has. */
function isOfRole(
  { target, verb, code, body }: TrailRequest,
  resource: string,
  namespace: string,
  name: unknown,
): boolean {
  if (!isOfResource(target) || target.group !== RBAC || target.resource !== resource) return false;
  const { name: said } = (body?.metadata ?? {}) as { readonly name?: string };
  const isIt = target.namespace === namespace && (target.name || said) === name;
  return isIt && ['create', 'update', 'patch'].includes(verb) && code > 0 && code < 300 && Array.isArray(body?.rules);
}

/** Who approves or signs a request for a certificate needs that for its signer as well. */
function addSignerRights(request: TrailRequest, { group, resource, subresource }: ResourceTarget, to: Collected): void {
  if (group !== 'certificates.k8s.io' || resource !== 'certificatesigningrequests') return;
  const verb = { approval: 'approve', status: 'sign' }[subresource];
  if (verb === undefined) return;
  const signer = isJsonObject(request.body?.spec) ? request.body.spec.signerName : undefined;
  if (typeof signer !== 'string')
    return to.gap(`${shown(request)}: the log has not the signer, for which it must have ${verb}`);
  to.add({ verb, group, resource: 'signers', namespace: '', name: signer }, request, `it may ${verb} for this signer`);
}

/** The rules of a role, taken apart into permissions; undefined: there are none to see. */
function grantsOf(rules: JsonValue | undefined): Permission[] | undefined {
  if (!Array.isArray(rules)) return undefined;
  return rules.filter(isJsonObject).flatMap((rule) => {
    const verbs = textsOf(rule, 'verbs');
    const names = textsOf(rule, 'resourceNames');
    const onResources = textsOf(rule, 'apiGroups').flatMap((group) =>
      textsOf(rule, 'resources').flatMap((resource) =>
        (names.length === 0 ? [''] : names).flatMap((name) =>
          verbs.map((verb) => ({ verb, group, resource, namespace: '', name })),
        ),
      ),
    );
    return [
      ...onResources,
      ...textsOf(rule, 'nonResourceURLs').flatMap((path) => verbs.map((verb) => ({ verb, path }))),
    ];
  });
}

function textsOf(rule: JsonObject, list: string): string[] {
  const value = rule[list];
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

/** A request in a line: `PATCH /apis/apps/v1/…`. */
function shown({ verb, uri }: TrailRequest): string {
  return `${verb} ${uri}`;
}

/** Permissions as they come, each once. */
class Collected {
  readonly #used = new Map<string, { -readonly [K in keyof UsedPermission]: UsedPermission[K] }>();
  readonly #gaps = new Set<string>();

  add(permission: Permission, request: TrailRequest, because?: string): void {
    const key = permissionKey(permission);
    const known = this.#used.get(key);
    const isOutcomeUnknown = isWithoutOutcome(request);
    if (known === undefined) {
      const why = { ...(because !== undefined && { because }), ...(isOutcomeUnknown && { isOutcomeUnknown }) };
      this.#used.set(key, { permission, first: request, requests: 1, ...why });
      return;
    }
    known.requests++;
    if (!isOutcomeUnknown) delete known.isOutcomeUnknown;
  }

  gap(text: string): void {
    this.#gaps.add(text);
  }

  result(): Pick<Usage, 'resources' | 'paths' | 'gaps'> {
    const all = [...this.#used.values()];
    return {
      resources: all.filter((one): one is UsedPermission<ResourcePermission> => isOnResource(one.permission)),
      paths: all.filter((one): one is UsedPermission<PathPermission> => !isOnResource(one.permission)),
      gaps: [...this.#gaps],
    };
  }
}
