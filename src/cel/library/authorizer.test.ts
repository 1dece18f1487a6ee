import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { baseEnvironment } from '../base-environment.ts';
import { CelError, type CelValue } from '../value.ts';
import {
  AUTHORIZER_TYPE,
  type AskAuthorizer,
  type AuthorizationQuestion,
  authorizerValue,
  PendingAnswers,
} from './authorizer.ts';

const environment = baseEnvironment().extend({ variables: { authorizer: AUTHORIZER_TYPE } });

function evaluate(source: string, ask: AskAuthorizer): CelValue {
  const { expression, issues } = environment.compile(source);
  assert.ok(expression, issues.toString());
  const program = expression.program();
  assert.ok(!(program instanceof CelError));
  return program.evaluate((name) => (name === 'authorizer' ? authorizerValue(ask) : undefined)).value;
}

const nothing = { path: '', apiGroup: '', resource: '', subresource: '', namespace: '', name: '' };
const resource = { ...nothing, resourceRequest: true, serviceAccount: undefined };

const QUESTIONS: readonly (readonly [string, string, Partial<AuthorizationQuestion>])[] = [
  [
    'a path',
    "authorizer.path('/healthz').check('get').allowed()",
    { ...nothing, serviceAccount: undefined, resourceRequest: false, path: '/healthz', verb: 'get' },
  ],
  [
    'a resource with all that it has',
    "authorizer.group('apps').resource('deployments').subresource('status').namespace('n').name('a').check('get').allowed()",
    {
      ...resource,
      apiGroup: 'apps',
      resource: 'deployments',
      subresource: 'status',
      namespace: 'n',
      name: 'a',
      verb: 'get',
    },
  ],
  [
    'a service account',
    "authorizer.serviceAccount('n', 'sa').group('').resource('pods').check('list').allowed()",
    { ...resource, resource: 'pods', verb: 'list', serviceAccount: { namespace: 'n', name: 'sa' } },
  ],
  [
    'a selector that does not parse limits nothing',
    "authorizer.group('').resource('pods').labelSelector('a in').fieldSelector('a').check('list').allowed()",
    { ...resource, resource: 'pods', verb: 'list' },
  ],
];

describe('the authorizer is asked for', () => {
  for (const [name, source, question] of QUESTIONS) {
    test(name, () => {
      const asked: AuthorizationQuestion[] = [];
      const found = evaluate(source, (q) => {
        asked.push(q);
        return { allowed: true, reason: '' };
      });
      assert.equal(found, true);
      assert.deepEqual(asked, [question]);
    });
  }
});

test('a decision tells its reason and its error', () => {
  const ask: AskAuthorizer = () => ({ allowed: false, reason: 'because', error: 'broken' });
  const check = "authorizer.path('/x').check('get')";
  assert.equal(evaluate(`${check}.reason() + ${check}.error()`, ask), 'becausebroken');
  assert.equal(evaluate(`${check}.errored()`, ask), true);
});

for (const [source, message] of [
  ["authorizer.path(' ').check('get').allowed()", 'path must not be empty'],
  ["authorizer.group('').resource('').check('get').allowed()", 'resource must not be empty'],
  ["authorizer.serviceAccount('n', 'A').path('/').check('get').allowed()", 'Invalid service account name'],
  ["authorizer.serviceAccount('N', 'a').path('/').check('get').allowed()", 'Invalid service account namespace'],
  ['authorizer == authorizer', 'no such overload'],
] as const) {
  test(`${source} is an error`, () => {
    assert.deepEqual(
      evaluate(source, () => ({ allowed: true, reason: '' })),
      new CelError(message),
    );
  });
}

test('answers that take time are waited for, and asked for once', async () => {
  let asked = 0;
  const pending = new PendingAnswers(() => {
    asked++;
    return Promise.resolve({ allowed: true, reason: '' });
  });
  const source = "authorizer.path('/x').check('get').allowed()";
  assert.ok(evaluate(source, pending.ask) instanceof CelError);
  assert.equal(await pending.settle(), true);
  assert.equal(evaluate(source, pending.ask), true);
  assert.equal(await pending.settle(), false);
  assert.equal(asked, 1);
});
