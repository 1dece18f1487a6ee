import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import type { Client } from 'nekube/client';
import { NodeGate, nodeAccess } from './access.ts';

const paths: readonly (readonly [string, readonly string[]])[] = [
  ['/pods', ['pods', 'proxy']],
  ['/runningpods/', ['pods', 'proxy']],
  ['/healthz/ping', ['healthz', 'proxy']],
  ['/configz', ['configz', 'proxy']],
  ['/stats/summary', ['stats']],
  ['/metrics/resource', ['metrics']],
  ['/logs/x', ['log']],
  ['/containerLogs/a/b/c', ['proxy']],
  ['/podsx', ['proxy']],
  ['/exec/a/b/c', ['proxy']],
];
for (const [path, subresources] of paths)
  test(`${path} is about ${subresources.join(' or ')}`, () => {
    assert.deepEqual(nodeAccess('GET', path), { verb: 'get', subresources });
  });

/** A client whose API knows one token and lets its user see stats. */
function clientOf(asked: string[]): Client {
  const create = async (object: { kind: string; spec: Record<string, unknown> }): Promise<object> => {
    asked.push(object.kind);
    if (object.kind === 'TokenReview')
      return object.spec.token === 'good'
        ? { status: { authenticated: true, user: { username: 'u', groups: ['g'] } } }
        : { status: { authenticated: false } };
    const { subresource } = object.spec.resourceAttributes as { subresource: string };
    return { status: { allowed: subresource === 'stats' } };
  };
  return { create } as unknown as Client;
}

const withToken = (token: string): IncomingMessage =>
  ({ socket: {}, headers: { authorization: `Bearer ${token}` } }) as unknown as IncomingMessage;

test('a token is known by the API, which is asked once in a while', async () => {
  const asked: string[] = [];
  let now = 0;
  const gate = new NodeGate(clientOf(asked), () => now);
  const caller = await gate.identify(withToken('good'));
  assert.equal(caller?.username, 'u');
  await gate.identify(withToken('good'));
  assert.deepEqual(asked, ['TokenReview']);
  now = 3 * 60_000;
  await gate.identify(withToken('good'));
  assert.deepEqual(asked, ['TokenReview', 'TokenReview']);
  assert.equal(await gate.identify(withToken('bad')), undefined);
  assert.equal(await gate.identify({ socket: {}, headers: {} } as unknown as IncomingMessage), undefined);
});

test('what was refused is asked for again sooner than what was allowed', async () => {
  const asked: string[] = [];
  let now = 0;
  const gate = new NodeGate(clientOf(asked), () => now);
  const caller = { username: 'u', groups: [] };
  const may = (path: string): Promise<boolean> => gate.mayAccess(caller, 'n', nodeAccess('GET', path));
  assert.equal(await may('/stats/summary'), true);
  assert.equal(await may('/pods'), false);
  assert.equal(asked.length, 3);
  now = 60_000;
  assert.equal(await may('/stats/summary'), true);
  assert.equal(asked.length, 3);
  assert.equal(await may('/pods'), false);
  assert.equal(asked.length, 5);
});
