// Who may do what: roles, escalation, acting as others, tokens, reviews and requests for certificates.
import { readFileSync } from 'node:fs';
import { behaviour, CONFIG_MAP, configMap, CSR, make, ROLE, ROLE_BINDING, SERVICE_ACCOUNT } from '../objects.mjs';

const JANE = { name: 'jane', groups: ['devs'] };
const GROUP = 'rbac.authorization.k8s.io';
const reading = { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] };
const REQUEST = readFileSync(new URL('../request.csr', import.meta.url)).toString('base64');

function role(name, ...rules) {
  return make(ROLE, name, { rules });
}
function binding(name, to, ...subjects) {
  return make(ROLE_BINDING, name, { roleRef: { apiGroup: GROUP, kind: 'Role', name: to }, subjects });
}
function user(name) {
  return { apiGroup: GROUP, kind: 'User', name };
}
function mayI(spec) {
  return { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec };
}
function mayHe(spec) {
  return { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
}
function decided(type) {
  const conditions = [{ type, status: 'True', reason: 'Tested', message: 'by a behaviour' }];
  return ['patch', CSR, '{{id}}', { merge: { status: { conditions } } }, { subresource: 'approval' }];
}
const AUTHORIZATION = '/apis/authorization.k8s.io/v1';
const AUTHENTICATION = '/apis/authentication.k8s.io/v1';

export const access = [
  behaviour(
    'who has no role may not even look',
    ['create', configMap('a')],
    ['as', JANE],
    ['get', CONFIG_MAP, 'a'],
    ['list', CONFIG_MAP],
    ['create', configMap('b')],
    ['deleteAll', CONFIG_MAP, {}],
    ['send', 'GET', '/api/v1/nodes'],
    ['send', 'GET', '/readyz'],
    ['send', 'GET', '/metrics'],
  ),
  behaviour(
    'a role lets its users do what it names, and nothing else',
    ['create', configMap('a')],
    ['create', role('reader', reading)],
    ['create', binding('jane', 'reader', user('jane'))],
    ['as', JANE],
    ['until', 200, ['get', CONFIG_MAP, 'a']],
    ['list', CONFIG_MAP],
    ['patch', CONFIG_MAP, 'a', { merge: { data: { a: '2' } } }],
    ['send', 'GET', '/api/v1/configmaps'],
  ),
  behaviour(
    'a role of a group may be about one object alone',
    ['create', configMap('mine')],
    ['create', configMap('others')],
    ['create', role('mine', { ...reading, resourceNames: ['mine'] })],
    ['create', binding('devs', 'mine', { apiGroup: GROUP, kind: 'Group', name: 'devs' })],
    ['as', JANE],
    ['until', 200, ['get', CONFIG_MAP, 'mine']],
    ['get', CONFIG_MAP, 'others'],
  ),
  behaviour(
    'nobody gives away what he does not have',
    ['create', role('roles', { apiGroups: [GROUP], resources: ['roles', 'rolebindings'], verbs: ['*'] }, reading)],
    ['create', role('secrets', { apiGroups: [''], resources: ['secrets'], verbs: ['*'] })],
    ['create', binding('jane', 'roles', user('jane'))],
    ['as', JANE],
    ['until', 201, ['create', role('half', reading)]],
    ['create', role('more', { ...reading, verbs: ['delete'] }, { nonResourceURLs: ['/x'], verbs: ['get'] })],
    ['create', binding('joe', 'secrets', user('joe'))],
    ['create', binding('joe', 'roles', user('joe'))],
  ),
  behaviour(
    'a binding is about one role for ever',
    ['create', binding('jane', 'one', user('jane'))],
    ['patch', ROLE_BINDING, 'jane', { merge: { roleRef: { name: 'two' } } }],
    ['create', binding('bad', '', { kind: 'User' })],
  ),
  behaviour(
    'the admin acts as somebody else',
    ['admin', { user: 'joe', groups: ['ops'], uid: '42', extra: { Scope: ['a', 'b'] } }],
    [
      'send',
      'POST',
      `${AUTHENTICATION}/selfsubjectreviews`,
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    ],
    ['get', CONFIG_MAP, 'a'],
  ),
  behaviour(
    'who may not impersonate is told whom not',
    ['as', JANE],
    ['send', 'GET', '/readyz', undefined, { 'impersonate-user': 'joe' }],
    ['admin'],
    ['send', 'GET', '/readyz', undefined, { 'impersonate-group': 'ops' }],
  ),
  behaviour(
    'one asks whether one may',
    ['create', role('reader', reading)],
    ['create', binding('jane', 'reader', user('jane'))],
    ['as', JANE],
    [
      'until',
      201,
      [
        'send',
        'POST',
        `${AUTHORIZATION}/selfsubjectaccessreviews`,
        mayI({ resourceAttributes: { namespace: '{{id}}', verb: 'get', resource: 'configmaps' } }),
      ],
      '"allowed":true',
    ],
    [
      'send',
      'POST',
      `${AUTHORIZATION}/selfsubjectaccessreviews`,
      mayI({ resourceAttributes: { namespace: '{{id}}', verb: 'delete', resource: 'configmaps' } }),
    ],
    ['send', 'POST', `${AUTHORIZATION}/selfsubjectaccessreviews`, mayI({})],
    ['send', 'POST', `${AUTHORIZATION}/subjectaccessreviews`, mayHe({ user: 'joe' })],
  ),
  behaviour(
    'the admin asks whether others may',
    ['create', role('reader', reading)],
    ['create', binding('jane', 'reader', user('jane'))],
    [
      'until',
      201,
      [
        'send',
        'POST',
        `${AUTHORIZATION}/subjectaccessreviews`,
        mayHe({ user: 'jane', resourceAttributes: { namespace: '{{id}}', verb: 'list', resource: 'configmaps' } }),
      ],
      '"allowed":true',
    ],
    [
      'send',
      'POST',
      `${AUTHORIZATION}/subjectaccessreviews`,
      mayHe({ user: 'joe', resourceAttributes: { namespace: '{{id}}', verb: 'list', resource: 'configmaps' } }),
    ],
    [
      'send',
      'POST',
      `${AUTHORIZATION}/subjectaccessreviews`,
      mayHe({ user: 'joe', nonResourceAttributes: { verb: 'get', path: '/metrics' } }),
    ],
  ),
  behaviour(
    'a service account gets a token, which is reviewed and bound to what it says',
    ['create', make(SERVICE_ACCOUNT, 'robot')],
    async (world) => {
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: {},
        spec: { expirationSeconds: 600 },
      };
      const { status } = await world.below(SERVICE_ACCOUNT, 'robot', 'token', request);
      const [, claims] = status.token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
      const { sub, aud, exp, iat, 'kubernetes.io': of } = JSON.parse(claims);
      world.note('claims', {
        sub,
        audiences: aud.length,
        seconds: exp - iat,
        namespace: of.namespace,
        name: of.serviceaccount.name,
      });
      await reviewed(world, status.token);
    },
    [
      'below',
      SERVICE_ACCOUNT,
      'none',
      'token',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: {} },
    ],
    [
      'below',
      SERVICE_ACCOUNT,
      'robot',
      'token',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { expirationSeconds: 10 } },
    ],
  ),
  behaviour('a token that nobody issued is not authenticated', (world) => reviewed(world, 'made-up')),
  behaviour(
    'a request for a certificate is made, approved and denied by its rules',
    ['admin', { user: 'joe', groups: ['ops', 'system:masters'] }],
    [
      'create',
      make(CSR, '{{id}}', {
        spec: { request: REQUEST, signerName: 'example.com/signer', usages: ['client auth'] },
      }),
    ],
    ['create', make(CSR, '{{id}}-bad', { spec: { request: 'bm9uZQ==', signerName: 'nobody', usages: ['flying'] } })],
    decided('Approved'),
    decided('Denied'),
    ['get', CSR, '{{id}}'],
    ['patch', CSR, '{{id}}', { merge: { status: { certificate: 'bm9uZQ==' } } }, { subresource: 'status' }],
  ),
  behaviour(
    'rules of oneself are listed',
    ['create', role('reader', reading)],
    ['create', binding('jane', 'reader', user('jane'))],
    ['as', JANE],
    [
      'until',
      201,
      [
        'send',
        'POST',
        `${AUTHORIZATION}/selfsubjectrulesreviews`,
        { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: '{{id}}' } },
      ],
      'configmaps',
    ],
  ),
];

/** What a TokenReview says; the token itself and its audiences are each server's own. */
async function reviewed(world, token) {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } };
  const path = `${AUTHENTICATION}/tokenreviews`;
  const headers = { 'content-type': 'application/json' };
  const { status } = await world.client.raw({ method: 'POST', path, headers, body: JSON.stringify(body) });
  const { extra: _, ...user } = status.user ?? {};
  world.note('review', { authenticated: status.authenticated ?? false, error: status.error, user });
}
