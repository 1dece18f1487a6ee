import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestInfo } from '../request-info.ts';
import { type FlowRule, matchesRules } from './rules.ts';

const everybody = [{ kind: 'User', user: { name: '*' } }];
const anything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] };
const account = { name: 'system:serviceaccount:a:b', groups: ['system:serviceaccounts', 'system:authenticated'] };

const resource = (rule: object): FlowRule => ({ subjects: everybody, resourceRules: [{ ...anything, ...rule }] });
const subject = (one: object): FlowRule => ({ subjects: [{ kind: '', ...one }], resourceRules: [anything] });
const url = (...nonResourceURLs: string[]): FlowRule => ({
  subjects: everybody,
  nonResourceRules: [{ verbs: ['get'], nonResourceURLs }],
});

/** A rule, a request of a service account's, and whether the rule is about it. */
const cases: readonly [rule: FlowRule, request: string, matches: boolean][] = [
  [subject({ kind: 'User', user: { name: '*' } }), 'GET /api/v1/pods', true],
  [subject({ kind: 'User', user: { name: account.name } }), 'GET /api/v1/pods', true],
  [subject({ kind: 'User', user: { name: 'ann' } }), 'GET /api/v1/pods', false],
  [subject({ kind: 'Group', group: { name: 'system:serviceaccounts' } }), 'GET /api/v1/pods', true],
  [subject({ kind: 'Group', group: { name: '*' } }), 'GET /api/v1/pods', true],
  [subject({ kind: 'Group', group: { name: 'system:masters' } }), 'GET /api/v1/pods', false],
  [subject({ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'b' } }), 'GET /api/v1/pods', true],
  [subject({ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: '*' } }), 'GET /api/v1/pods', true],
  [subject({ kind: 'ServiceAccount', serviceAccount: { namespace: '', name: '*' } }), 'GET /api/v1/pods', false],
  [subject({ kind: 'ServiceAccount', serviceAccount: { namespace: 'a', name: 'c' } }), 'GET /api/v1/pods', false],
  [subject({ kind: 'Robot' }), 'GET /api/v1/pods', false],
  [resource({}), 'GET /version', false],
  [resource({ verbs: ['list'] }), 'GET /api/v1/pods', true],
  [resource({ verbs: ['*', 'get'] }), 'GET /api/v1/pods', false],
  [resource({ apiGroups: ['apps'] }), 'GET /api/v1/pods', false],
  [resource({ resources: ['pods'] }), 'GET /api/v1/namespaces/a/pods/p/status', false],
  [resource({ resources: ['pods/status'] }), 'GET /api/v1/namespaces/a/pods/p/status', true],
  [resource({ clusterScope: false }), 'GET /api/v1/pods', false],
  [resource({ clusterScope: false }), 'GET /api/v1/namespaces/a/pods', true],
  [resource({ namespaces: ['b'] }), 'GET /api/v1/namespaces/a/pods', false],
  [resource({ namespaces: [] }), 'GET /api/v1/nodes', true],
  [url('/healthz'), 'GET /healthz', true],
  [url('/healthz'), 'GET /healthz/etcd', true],
  [url('/healthz'), 'GET /healthzy', false],
  [url('/api/*'), 'GET /api/v1', true],
  [url('*'), 'GET /anything', true],
  [url('*'), 'POST /anything', false],
  [url('*'), 'GET /api/v1/pods', false],
];

for (const [rule, request, expected] of cases) {
  test(`${JSON.stringify(rule)} is ${expected ? '' : 'not '}about ${request}`, () => {
    const [method = '', path = ''] = request.split(' ');
    assert.equal(matchesRules([rule], account, parseRequestInfo(method, path, new URLSearchParams())), expected);
  });
}
