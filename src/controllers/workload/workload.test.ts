import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, parseLabelSelector } from 'nekube/apimachinery';
import { FakeClock } from 'nekube/client';
import { type Claim, claimOf } from './claim.ts';
import { Expectations } from './expectations.ts';
import { slowStart } from './slow-start.ts';

const SELECTOR = parseLabelSelector('app=web');
const OWNER: KubeObject = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web', uid: 'me' } };
const claims: readonly (readonly [string, KubeObject['metadata'], Claim])[] = [
  ['its own that it selects', { labels: { app: 'web' }, ownerReferences: [reference('me')] }, 'owned'],
  ['its own that it no longer selects', { labels: {}, ownerReferences: [reference('me')] }, 'release'],
  ["another's", { labels: { app: 'web' }, ownerReferences: [reference('you')] }, 'foreign'],
  ["nobody's that it selects", { labels: { app: 'web' } }, 'adopt'],
  ["nobody's that it does not select", { labels: {} }, 'foreign'],
  ["nobody's on its way out", { labels: { app: 'web' }, deletionTimestamp: '2026-01-01T00:00:00Z' }, 'foreign'],
];

for (const [name, metadata, expected] of claims)
  test(`${name} is ${expected}`, () => {
    assert.equal(claimOf(OWNER, SELECTOR, { kind: 'Pod', apiVersion: 'v1', metadata }), expected);
  });

test('who is on its way out neither adopts nor releases', () => {
  const owner = { ...OWNER, metadata: { ...OWNER.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const object = { metadata: { labels: { app: 'web' } } };
  assert.equal(claimOf(owner, SELECTOR, object), 'foreign');
  assert.equal(claimOf(owner, SELECTOR, { metadata: { labels: {}, ownerReferences: [reference('me')] } }), 'foreign');
});

test('an owner waits until what it made is seen, and five minutes at most', async () => {
  const clock = new FakeClock();
  const expectations = new Expectations(clock);
  expectations.expectCreations('a', 2);
  expectations.creationObserved('a');
  assert.equal(expectations.areMet('a'), false);
  expectations.creationObserved('a');
  assert.equal(expectations.areMet('a'), true);
  expectations.expectDeletions('a', ['x']);
  expectations.deletionObserved('a', 'y');
  assert.equal(expectations.areMet('a'), false);
  await clock.advance(5 * 60_000 + 1);
  assert.equal(expectations.areMet('a'), true);
});

test('rounds double as long as nothing fails, and end with the first failure', async () => {
  let calls = 0;
  const failAfter = (most: number) => async (): Promise<void> => {
    if (++calls > most) throw new Error(`too many: ${calls}`);
  };
  assert.deepEqual(await slowStart(7, failAfter(100)), { succeeded: 7, error: undefined });
  calls = 0;
  const { succeeded, error } = await slowStart(20, failAfter(2));
  assert.equal(succeeded, 2);
  assert.match(String(error), /too many: 3/);
  assert.equal(calls, 3, 'one, then two, of which one failed');
});

function reference(uid: string) {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid, controller: true };
}
