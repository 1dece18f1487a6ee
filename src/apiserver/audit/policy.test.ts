import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesOf } from '../authorization/authorizer.ts';
import { parseRequestInfo } from '../request-info.ts';
import { type AuditRule, auditEvaluator } from './policy.ts';

const ANY: AuditRule = {
  level: 'Metadata',
  users: [],
  userGroups: [],
  verbs: [],
  resources: [],
  namespaces: [],
  nonResourceURLs: [],
  omitStages: [],
};
const user = { name: 'ann', groups: ['dev', 'system:authenticated'] };

/** A rule, a request of ann's, and whether the rule matches it. */
const cases: readonly [rule: Partial<AuditRule>, request: string, matches: boolean][] = [
  [{}, 'GET /version', true],
  [{ users: ['ann'] }, 'GET /version', true],
  [{ users: ['bob'] }, 'GET /version', false],
  [{ userGroups: ['ops', 'dev'] }, 'GET /version', true],
  [{ userGroups: ['ops'] }, 'GET /version', false],
  [{ users: ['ann'], userGroups: ['ops'] }, 'GET /version', false],
  [{ verbs: ['list'] }, 'GET /api/v1/pods', true],
  [{ verbs: ['get'] }, 'GET /api/v1/pods', false],
  [{ namespaces: ['a'] }, 'GET /api/v1/namespaces/a/pods', true],
  [{ namespaces: ['a'] }, 'GET /api/v1/pods', false],
  [{ namespaces: [''] }, 'GET /api/v1/nodes', true],
  [{ namespaces: ['a'] }, 'GET /version', false],
  [{ nonResourceURLs: ['/version'] }, 'GET /version', true],
  [{ nonResourceURLs: ['/vers*'] }, 'GET /version', true],
  [{ nonResourceURLs: ['*'] }, 'GET /api/v1/pods', false],
  [{ nonResourceURLs: ['/version/'] }, 'GET /version', false],
  ...resources('GET /api/v1/namespaces/a/pods/p/status', [
    [{ group: '' }, true],
    [{ group: '*' }, true],
    [{ group: 'apps' }, false],
    [{ resources: ['pods'] }, false],
    [{ resources: ['pods/status'] }, true],
    [{ resources: ['pods/*'] }, true],
    [{ resources: ['*/status'] }, true],
    [{ resources: ['*'] }, true],
    [{ resources: ['pods/log'] }, false],
    [{ resources: ['pods/*'], resourceNames: ['p'] }, true],
    [{ resources: ['pods/*'], resourceNames: ['q'] }, false],
  ]),
  ...resources('GET /api/v1/namespaces/a/pods/p', [
    [{ resources: ['pods'] }, true],
    [{ resources: ['pods/*'] }, true],
    [{ resources: ['*/status'] }, false],
    [{ resources: ['services', 'pods'], resourceNames: ['p'] }, true],
  ]),
];

function resources(
  request: string,
  wanted: readonly [Partial<AuditRule['resources'][number]>, boolean][],
): [Partial<AuditRule>, string, boolean][] {
  const none = { group: '', resources: [], resourceNames: [] };
  return wanted.map(([one, matches]) => [{ resources: [{ ...none, ...one }] }, request, matches]);
}

for (const [rule, request, expected] of cases) {
  test(`the rule ${JSON.stringify(rule)} ${expected ? 'matches' : 'does not match'} ${request}`, () => {
    const decide = auditEvaluator({ rules: [{ ...ANY, ...rule }], omitStages: [], omitManagedFields: false });
    const [method = '', path = ''] = request.split(' ');
    const { level } = decide(attributesOf(user, parseRequestInfo(method, path, new URLSearchParams())));
    assert.equal(level, expected ? 'Metadata' : 'None');
  });
}

test('the first rule that matches decides, with the stages that it and the policy leave out', () => {
  const decide = auditEvaluator({
    rules: [
      { ...ANY, level: 'None', users: ['bob'] },
      { ...ANY, level: 'Request', omitStages: ['ResponseStarted'], omitManagedFields: false },
      { ...ANY, level: 'RequestResponse' },
    ],
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
  });
  const decision = decide(attributesOf(user, parseRequestInfo('GET', '/version', new URLSearchParams())));
  assert.equal(decision.level, 'Request');
  assert.deepEqual([...decision.omitStages], ['RequestReceived', 'ResponseStarted']);
  assert.equal(decision.omitManagedFields, false);
});
