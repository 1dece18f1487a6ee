import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from 'nekube/apimachinery';
import type { AuthorizationAttributes } from '../authorizer.ts';
import { checkEscalation } from './escalation.ts';
import { rbacAuthorizer } from './index.ts';
import type { PolicyRule } from './policy-rule.ts';
import { type ObjectSource, RoleRules } from './role-rules.ts';

const API_VERSION = 'rbac.authorization.k8s.io/v1';

/** Objects as an informer would give them. */
function sourceOf(objects: readonly KubeObject[]): ObjectSource {
  return {
    generation: 1,
    list: () => objects,
    inNamespace: (namespace) => objects.filter(({ metadata }) => metadata.namespace === namespace),
    get: (namespace, name) =>
      objects.find(({ metadata }) => (metadata.namespace ?? '') === namespace && metadata.name === name),
  };
}

function rolesOf(objects: readonly KubeObject[]): RoleRules {
  const of = (kind: string) => sourceOf(objects.filter((object) => object.kind === kind));
  return new RoleRules({
    roles: of('Role'),
    roleBindings: of('RoleBinding'),
    clusterRoles: of('ClusterRole'),
    clusterRoleBindings: of('ClusterRoleBinding'),
  });
}

/** A role; the place is its namespace and name, the namespace empty for a cluster role. */
function role(place: string, ...rules: PolicyRule[]): KubeObject {
  const [namespace = '', name = ''] = place.split('/');
  const kind = namespace === '' ? 'ClusterRole' : 'Role';
  return { kind, apiVersion: API_VERSION, metadata: { name, ...(namespace && { namespace }) }, rules } as never;
}

type Subject = { readonly kind: string; readonly name: string; readonly namespace?: string };

function binding(place: string, kind: string, roleName: string, ...subjects: Subject[]): KubeObject {
  const [namespace = '', name = ''] = place.split('/');
  return {
    kind: namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding',
    apiVersion: API_VERSION,
    metadata: { name, ...(namespace && { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName },
    subjects,
  } as never;
}

const user = (name: string): Subject => ({ kind: 'User', name });
const group = (name: string): Subject => ({ kind: 'Group', name });

/** `USER[,GROUP…] VERB TARGET`: a path, or `[NAMESPACE:]RESOURCE[/SUBRESOURCE][.GROUP][#NAME]`. */
function asked(text: string): AuthorizationAttributes {
  const [who = '', verb = '', target = ''] = text.split(' ');
  const [name = '', ...groups] = who.split(',');
  const nothing = { namespace: '', apiGroup: '', apiVersion: '', resource: '', subresource: '', name: '' };
  const base = { ...nothing, user: { name, groups }, verb, path: target };
  if (target.startsWith('/')) return { ...base, resourceRequest: false };
  const [, namespace = '', resource = '', subresource = '', apiGroup = '', object = ''] =
    /^(?:([^:]*):)?([^/.#]+)(?:\/([^.#]+))?(?:\.([^#]+))?(?:#(.+))?$/.exec(target)!;
  return { ...base, resourceRequest: true, namespace, resource, subresource, apiGroup, name: object, path: '' };
}

const OBJECTS = [
  role('/reader', { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', 'pods/log'] }),
  role('/logs', { verbs: ['get'], apiGroups: ['*'], resources: ['*/log'] }),
  role('/paths', { verbs: ['get'], nonResourceURLs: ['/logs', '/healthz/*', '/metrics*'] }),
  role('/nothing'),
  role('a/one', { verbs: ['get', 'update'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['x', 'y'] }),
  role('a/all', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }),
  binding('/readers', 'ClusterRole', 'reader', user('ann'), group('readers')),
  binding('/loggers', 'ClusterRole', 'logs', group('loggers')),
  binding('/paths', 'ClusterRole', 'paths', group('system:authenticated')),
  binding('/lost', 'ClusterRole', 'gone', user('lost')),
  binding('/robots', 'ClusterRole', 'reader', { kind: 'ServiceAccount', name: 'bot', namespace: 'a' }),
  binding('a/one', 'Role', 'one', user('bob')),
  binding('a/readers', 'ClusterRole', 'reader', user('carl'), { kind: 'ServiceAccount', name: 'near' }),
  binding('a/all', 'Role', 'all', user('owner')),
  binding('a/lost', 'Role', 'gone', user('lost')),
];

const DECISIONS: readonly (readonly [behaviour: string, asked: string, reason: string | undefined])[] = [
  [
    'a cluster binding allows in every namespace',
    'ann list b:pods',
    'ClusterRoleBinding "readers" of ClusterRole "reader" to User "ann"',
  ],
  ['… and of the cluster', 'ann list pods', 'ClusterRoleBinding "readers" of ClusterRole "reader" to User "ann"'],
  [
    'the first subject that applies is named',
    'ann,readers get pods',
    'ClusterRoleBinding "readers" of ClusterRole "reader" to User "ann"',
  ],
  ['a group is bound', 'x,readers get pods', 'ClusterRoleBinding "readers" of ClusterRole "reader" to Group "readers"'],
  ['a verb that is not given is not allowed', 'ann delete pods', undefined],
  ['a resource of another group is not allowed', 'ann get pods.metrics.k8s.io', undefined],
  ['a subresource has to be named', 'ann get a:pods/status#p', undefined],
  [
    'a subresource that is named is allowed',
    'ann get a:pods/log#p',
    'ClusterRoleBinding "readers" of ClusterRole "reader" to User "ann"',
  ],
  [
    'a subresource of all resources is allowed',
    'x,loggers get a:deployments/log.apps#d',
    'ClusterRoleBinding "loggers" of ClusterRole "logs" to Group "loggers"',
  ],
  ['a subresource of all resources is not the resource', 'x,loggers get a:deployments.apps#d', undefined],
  [
    'a path is allowed',
    'x,system:authenticated get /logs',
    'ClusterRoleBinding "paths" of ClusterRole "paths" to Group "system:authenticated"',
  ],
  ['a path below it is not', 'x,system:authenticated get /logs/x', undefined],
  [
    'a path below a star is',
    'x,system:authenticated get /healthz/etcd/x',
    'ClusterRoleBinding "paths" of ClusterRole "paths" to Group "system:authenticated"',
  ],
  ['the path above the star is not', 'x,system:authenticated get /healthz', undefined],
  [
    'a star may stand within a word',
    'x,system:authenticated get /metrics-x',
    'ClusterRoleBinding "paths" of ClusterRole "paths" to Group "system:authenticated"',
  ],
  ['a path is not a resource', 'ann get /pods', undefined],
  ['a name that is listed is allowed', 'bob get a:configmaps#x', 'RoleBinding "one/a" of Role "one" to User "bob"'],
  ['a name that is not listed is not', 'bob get a:configmaps#z', undefined],
  ['no name is not a listed one', 'bob update a:configmaps', undefined],
  ['a role binding ends with its namespace', 'bob get b:configmaps#x', undefined],
  ['a role binding does not hold of the cluster', 'owner get pods', undefined],
  ['stars allow all', 'owner evict a:anything/x.any#n', 'RoleBinding "all/a" of Role "all" to User "owner"'],
  [
    'a role binding may refer to a cluster role',
    'carl get a:pods',
    'RoleBinding "readers/a" of ClusterRole "reader" to User "carl"',
  ],
  [
    'a service account is bound by its user name',
    'system:serviceaccount:a:bot get b:pods',
    'ClusterRoleBinding "robots" of ClusterRole "reader" to ServiceAccount "bot/a"',
  ],
  [
    'a service account without a namespace is of that of the binding',
    'system:serviceaccount:a:near get a:pods',
    'RoleBinding "readers/a" of ClusterRole "reader" to ServiceAccount "near/a"',
  ],
  ['a service account of another namespace is not bound', 'system:serviceaccount:b:near get a:pods', undefined],
];

describe('who may do what', () => {
  const authorizer = rbacAuthorizer(rolesOf(OBJECTS));
  for (const [behaviour, text, reason] of DECISIONS) {
    test(`${behaviour}: ${text}`, async () => {
      const decision = await authorizer.authorize(asked(text));
      if (reason === undefined) assert.deepEqual(decision, { decision: 'no-opinion', reason: '' });
      else assert.deepEqual(decision, { decision: 'allow', reason: `RBAC: allowed by ${reason}` });
    });
  }

  test('roles that are not there are told of', async () => {
    const { reason } = await authorizer.authorize(asked('lost get a:pods'));
    assert.equal(
      reason,
      'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "gone" not found]',
    );
  });
});

describe('who may give what', () => {
  const roles = rolesOf([...OBJECTS, role('/escalator', { verbs: ['escalate'], apiGroups: ['*'], resources: ['*'] })]);
  const authorizer = rbacAuthorizer(roles);
  const give = (name: string, object: KubeObject, old?: KubeObject) => {
    const { namespace = '' } = object.metadata;
    const resource = `${object.kind!.toLowerCase()}s`;
    const info = { namespace, resource, name: object.metadata.name };
    const context = { user: { name, groups: ['system:authenticated'] }, info } as never;
    return checkEscalation(
      context,
      { authorizer, roles },
      { group: 'rbac.authorization.k8s.io', resource },
      object,
      old,
    );
  };
  const missing = (name: string, ...rules: string[]) =>
    `user "${name}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${rules.join('\n')}`;
  const pods = (...verbs: string[]): PolicyRule => ({ verbs, apiGroups: [''], resources: ['pods'] });
  const rows: readonly (readonly [string, () => Promise<void>, string | undefined])[] = [
    ['what one has', () => give('ann', role('a/new', pods('list', 'get'))), undefined],
    [
      'not what one has not, verbs of a resource together',
      () => give('ann', role('a/new', pods('delete', 'get', 'watch'))),
      `roles.rbac.authorization.k8s.io "new" is forbidden: ${missing('ann', '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "watch"]}')}`,
    ],
    [
      'not names of what one has not',
      () => give('bob', role('a/new', { ...pods('get'), resourceNames: ['x'] })),
      `roles.rbac.authorization.k8s.io "new" is forbidden: ${missing('bob', '{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get"]}')}`,
    ],
    [
      'a name of what one has whole',
      () => give('ann', role('a/new', { ...pods('get'), resourceNames: ['x'] })),
      undefined,
    ],
    [
      'not the whole of what one has by name',
      () => give('bob', role('a/new', { verbs: ['get'], apiGroups: [''], resources: ['configmaps'] })),
      `roles.rbac.authorization.k8s.io "new" is forbidden: ${missing('bob', '{APIGroups:[""], Resources:["configmaps"], Verbs:["get"]}')}`,
    ],
    [
      'paths below a star that one has',
      () => give('ann', role('/new', { verbs: ['get'], nonResourceURLs: ['/healthz/x', '/logs'] })),
      undefined,
    ],
    [
      'not a binding to a role that has more',
      () => give('ann', binding('a/new', 'Role', 'all', user('x'))),
      `rolebindings.rbac.authorization.k8s.io "new" is forbidden: ${missing('ann', '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}')}`,
    ],
    [
      'not a binding to what is not there',
      () => give('ann', binding('a/new', 'ClusterRole', 'gone', user('x'))),
      'rolebindings.rbac.authorization.k8s.io "gone" not found',
    ],
    ['a binding to a role that has no more', () => give('ann', binding('a/new', 'ClusterRole', 'reader')), undefined],
    [
      'finalizers and owners, of a role that has more',
      () => {
        const old = role('a/new', pods('delete'));
        return give('ann', { ...old, metadata: { ...old.metadata, finalizers: ['x/y'] } }, old);
      },
      undefined,
    ],
    [
      'no aggregation',
      () =>
        give('ann', {
          ...role('/new'),
          aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] },
        } as never),
      'clusterroles.rbac.authorization.k8s.io "new" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    ],
  ];
  for (const [behaviour, run, message] of rows) {
    test(`a user may give ${behaviour}`.replace('may give not', 'may not give'), async () => {
      if (message === undefined) return run();
      await assert.rejects(run, { message });
    });
  }
});

/** What RBAC allows, in a few lines that share nothing with the authorizer: no index, no order, no early end. */
function modelAllows(objects: readonly KubeObject[], a: AuthorizationAttributes): boolean {
  const any = (list: readonly string[] | null | undefined, ...wanted: string[]) =>
    (list ?? []).some((value) => value === '*' || wanted.includes(value));
  return objects.some((bound) => {
    if (!bound.kind!.endsWith('Binding')) return false;
    const home = bound.metadata.namespace;
    if (home !== undefined && !(a.resourceRequest && home === a.namespace)) return false;
    const applies = (bound.subjects as Subject[]).some(
      (s) =>
        (s.kind === 'User' && s.name === a.user.name) ||
        (s.kind === 'Group' && a.user.groups.includes(s.name)) ||
        (s.kind === 'ServiceAccount' && a.user.name === `system:serviceaccount:${s.namespace || home}:${s.name}`),
    );
    const target = objects.find(
      (o) =>
        o.kind === bound.roleRef.kind &&
        o.metadata.name === bound.roleRef.name &&
        o.metadata.namespace === (bound.roleRef.kind === 'Role' ? home : undefined),
    );
    return (
      applies &&
      ((target?.rules ?? []) as PolicyRule[]).some((r) => {
        if (!any(r.verbs, a.verb)) return false;
        if (!a.resourceRequest)
          return (r.nonResourceURLs ?? []).some((url) =>
            url.endsWith('*') ? a.path.startsWith(url.slice(0, -1)) : url === a.path,
          );
        const resources = a.subresource ? [`${a.resource}/${a.subresource}`, `*/${a.subresource}`] : [a.resource];
        const named = (r.resourceNames?.length ?? 0) === 0 || r.resourceNames!.includes(a.name);
        return any(r.apiGroups, a.apiGroup) && any(r.resources, ...resources) && named;
      })
    );
  });
}

test('the authorizer agrees with a model of it', async () => {
  const some = (...values: string[]) => fc.subarray(values);
  const few = (...values: string[]) => fc.subarray(values, { minLength: 1 });
  const one = (...values: string[]) => fc.constantFrom(...values);
  const rule = fc.oneof(
    fc.record({
      verbs: few('get', 'list', '*'),
      apiGroups: few('', 'apps', '*'),
      resources: few('pods', 'pods/log', '*/log', 'secrets', '*'),
      resourceNames: some('x', 'y', '*'),
    }),
    fc.record({ verbs: few('get', '*'), nonResourceURLs: few('/a', '/a/*', '/b*', '*') }),
  );
  const place = fc.tuple(one('', 'n1', 'n2'), one('r1', 'r2', 'r3')).map(([namespace, name]) => `${namespace}/${name}`);
  const subject = fc.oneof(
    fc.record({ kind: one('User'), name: one('ann', 'system:serviceaccount:n1:bot', '*') }),
    fc.record({ kind: one('Group'), name: one('g1', 'g2', '*') }),
    fc.record({ kind: one('ServiceAccount'), name: one('bot'), namespace: one('n1', 'n2') }),
  );
  const objects = fc.tuple(
    fc.array(fc.tuple(place, fc.array(rule, { minLength: 1, maxLength: 3 })), { minLength: 2, maxLength: 9 }),
    fc.array(
      fc.tuple(
        place,
        one('Role', 'ClusterRole'),
        one('r1', 'r2', 'r3'),
        fc.array(subject, { minLength: 1, maxLength: 3 }),
      ),
      { minLength: 2, maxLength: 9 },
    ),
  );
  const question = fc.record({
    user: fc.record({ name: one('ann', 'system:serviceaccount:n1:bot', 'eve'), groups: some('g1', 'g2', 'g3') }),
    verb: one('get', 'list', 'delete'),
    resourceRequest: fc.boolean(),
    path: one('/a', '/a/', '/a/b', '/b', '/bc', '/'),
    namespace: one('', 'n1', 'n2'),
    apiGroup: one('', 'apps'),
    apiVersion: one('v1'),
    resource: one('pods', 'secrets'),
    subresource: one('', 'log'),
    name: one('', 'x', 'z'),
  });
  // a property of refusals alone would say little
  let allowed = 0;
  await fc.assert(
    fc.asyncProperty(objects, question, async ([roles, bindings], attributes) => {
      const unique = new Map(roles.map(([at, rules]) => [at, role(at, ...rules)]));
      const bound = bindings
        .filter(([at, kind]) => !(at.startsWith('/') && kind === 'Role'))
        .map(([at, kind, name, subjects]) => binding(at, kind, name, ...subjects));
      const all = [...unique.values(), ...bound];
      const { decision } = await rbacAuthorizer(rolesOf(all)).authorize(attributes);
      if (decision === 'allow') allowed++;
      assert.equal(decision === 'allow', modelAllows(all, attributes));
    }),
    { numRuns: 3000 },
  );
  assert.ok(allowed > 80, `only ${allowed} were allowed`);
});
