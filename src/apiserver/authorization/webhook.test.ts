import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JsonObject, parseFieldSelector, parseLabelSelector } from 'nekube/apimachinery';
import { webhookTokens } from '../authentication/token-webhook.ts';
import type { WebhookClient } from '../webhooks/client.ts';
import type { AuthorizationAttributes } from './authorizer.ts';
import { webhookAuthorizer } from './webhook.ts';

const target = { url: 'https://hook/' };

/** A client that keeps what it sends and answers with these statuses, the last one again and again. */
function clientOf(...statuses: (JsonObject | Error)[]) {
  const sent: JsonObject[] = [];
  const post = async (_: unknown, body: JsonObject) => {
    sent.push(body);
    const status = statuses.length > 1 ? statuses.shift()! : statuses[0]!;
    if (status instanceof Error) throw status;
    return { status };
  };
  return { sent, client: { post } as unknown as WebhookClient };
}

/** A clock that is moved by hand. */
function clock() {
  let ms = 0;
  return { now: () => new Date(ms), pass: (more: number) => void (ms += more) };
}

const QUESTION: AuthorizationAttributes = {
  user: { name: 'jane', groups: ['a', 'b'], uid: 'u1', extra: { scope: ['x'] } },
  verb: 'list',
  resourceRequest: true,
  path: '/api/v1/namespaces/ns/pods',
  namespace: 'ns',
  apiGroup: '',
  apiVersion: 'v1',
  resource: 'pods',
  subresource: '',
  name: '',
  fieldSelector: parseFieldSelector('metadata.name!=x,spec.nodeName=n1'),
  labelSelector: parseLabelSelector('a=b,c,!d,e in (f,g),h notin (i)'),
};

test('a webhook is asked by a SubjectAccessReview of its version', async () => {
  const resourceAttributes = {
    namespace: 'ns',
    verb: 'list',
    version: 'v1',
    resource: 'pods',
    fieldSelector: {
      requirements: [
        { key: 'metadata.name', operator: 'NotIn', values: ['x'] },
        { key: 'spec.nodeName', operator: 'In', values: ['n1'] },
      ],
    },
    labelSelector: {
      requirements: [
        { key: 'a', operator: 'In', values: ['b'] },
        { key: 'c', operator: 'Exists' },
        { key: 'd', operator: 'DoesNotExist' },
        { key: 'e', operator: 'In', values: ['f', 'g'] },
        { key: 'h', operator: 'NotIn', values: ['i'] },
      ],
    },
  };
  const user = { user: 'jane', uid: 'u1', extra: { scope: ['x'] } };
  for (const [version, groups] of [
    ['v1', { groups: ['a', 'b'] }],
    ['v1beta1', { group: ['a', 'b'] }],
  ] as const) {
    const { sent, client } = clientOf({ allowed: true });
    await webhookAuthorizer({ target, version }, { client, now: clock().now }).authorize(QUESTION);
    const { apiVersion, spec } = sent[0]!;
    assert.equal(apiVersion, `authorization.k8s.io/${version}`);
    assert.deepEqual(spec, { resourceAttributes, ...user, ...groups });
  }
});

test('a webhook is asked about paths', async () => {
  const { sent, client } = clientOf({ allowed: true });
  const question = { ...QUESTION, resourceRequest: false, path: '/x', verb: 'get' };
  await webhookAuthorizer({ target }, { client, now: clock().now }).authorize(question);
  assert.deepEqual((sent[0]!.spec as JsonObject).nonResourceAttributes, { path: '/x', verb: 'get' });
});

const DECISIONS: readonly (readonly [string, JsonObject | Error, object])[] = [
  ['allows', { allowed: true, reason: 'why not' }, { decision: 'allow', reason: 'why not' }],
  ['has no opinion', { allowed: false, reason: 'hm' }, { decision: 'no-opinion', reason: 'hm' }],
  ['denies', { allowed: false, denied: true, reason: 'never' }, { decision: 'deny', reason: 'never' }],
  [
    'contradicts itself',
    { allowed: true, denied: true },
    {
      decision: 'deny',
      reason: '',
      error: 'webhook subject access review returned both allow and deny response',
    },
  ],
  [
    'fails',
    new Error('Post "https://hook/": EOF'),
    { decision: 'no-opinion', reason: '', error: 'Post "https://hook/": EOF' },
  ],
];

for (const [what, status, decision] of DECISIONS) {
  test(`a webhook ${what}`, async () => {
    const { client } = clientOf(status);
    assert.deepEqual(await webhookAuthorizer({ target }, { client, now: clock().now }).authorize(QUESTION), decision);
  });
}

test('answers hold for their time, failures not at all', async () => {
  const { now, pass } = clock();
  const { sent, client } = clientOf(new Error('gone'), { allowed: true }, { allowed: false });
  const webhook = { target, authorizedTtlMs: 1000, unauthorizedTtlMs: 100 };
  const authorizer = webhookAuthorizer(webhook, { client, now });
  const ask = async () => [(await authorizer.authorize(QUESTION)).decision, sent.length];
  assert.deepEqual(await ask(), ['no-opinion', 1]);
  assert.deepEqual(await ask(), ['allow', 2]);
  pass(999);
  assert.deepEqual(await ask(), ['allow', 2]);
  pass(1);
  assert.deepEqual(await ask(), ['no-opinion', 3]);
  pass(99);
  assert.deepEqual(await ask(), ['no-opinion', 3]);
  pass(1);
  assert.deepEqual(await ask(), ['no-opinion', 4]);
});

test('questions that somebody has made very long are not remembered', async () => {
  const { sent, client } = clientOf({ allowed: true });
  const authorizer = webhookAuthorizer({ target }, { client, now: clock().now });
  for (let i = 0; i < 2; i++) await authorizer.authorize({ ...QUESTION, name: 'x'.repeat(10_000) });
  assert.equal(sent.length, 2);
});

const user = { username: 'jane', uid: 'u', groups: ['g'], extra: { s: ['1'] } };
const jane = { name: 'jane', uid: 'u', groups: ['g'], extra: { s: ['1'] } };
const TOKENS: readonly (readonly [string, JsonObject | Error, object | undefined])[] = [
  ['knows a token', { authenticated: true, user }, { user: jane, audiences: ['here'] }],
  [
    'knows whom it is for',
    { authenticated: true, user, audiences: ['there', 'here'] },
    { user: jane, audiences: ['here'] },
  ],
  ['knows that it is for others', { authenticated: true, user, audiences: ['there'] }, undefined],
  ['does not know a token', { authenticated: false }, undefined],
  ['says what is wrong with it', { authenticated: false, error: 'too old' }, { error: 'too old' }],
  ['cannot be asked', new Error('EOF'), { error: 'EOF' }],
];

for (const [what, status, answer] of TOKENS) {
  test(`a token webhook ${what}`, async () => {
    const { sent, client } = clientOf(status);
    const deps = { client, now: clock().now, audiences: () => ['here'] };
    assert.deepEqual(await webhookTokens({ target }, deps)('secret', ['here'], {}), answer);
    assert.deepEqual(sent[0]!.spec, { token: 'secret', audiences: ['here'] });
  });
}
