import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, newInvalid, parseLabelSelector } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';
import { objectClient } from '../testing/object-client.ts';
import { claimObjects, resolveController } from './claim.ts';

const POD: Kind<KubeObject> = { apiVersion: 'v1', kind: 'Pod' };
const SET: Kind<KubeObject> = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };
const OWNER: KubeObject = { ...SET, metadata: { name: 'web', namespace: 'ns', uid: 'me' } };
const selector = parseLabelSelector('app=web');
const reference = (uid: string, kind = 'ReplicaSet') => ({ ...SET, kind, name: 'web', uid, controller: true });
const mine = { ownerReferences: [reference('me')] };

/** A pod that is selected, unless it says otherwise. */
const pod = (name: string, metadata: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  metadata: { name, namespace: 'ns', uid: `uid-${name}`, labels: { app: 'web' }, ...metadata },
});

describe('an owner and its objects', () => {
  const claim = (objects: readonly KubeObject[], more: object = {}, world = objectClient([OWNER, ...objects])) =>
    claimObjects(world.client, { owner: OWNER, selector, kind: POD, ...more }, objects).then((found) => ({
      names: found.map(({ metadata }) => metadata.name),
      writes: world.writes,
    }));
  const adoption =
    '{"metadata":{"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"me","blockOwnerDeletion":true,"controller":true}],"uid":"uid-a"}}';
  const releaseOf = (name: string, more = ''): string =>
    `patch ${name} {"metadata":{"ownerReferences":[{"$patch":"delete","uid":"me"}]${more},"uid":"uid-${name}"}}`;

  test('what is its own stays, what is not selected any more is released, and others do not matter', async () => {
    const objects = [pod('own', mine), pod('lost', { ...mine, labels: {} }), pod('other', { labels: {} })];
    assert.deepEqual(await claim(objects), { names: ['own'], writes: [releaseOf('lost')] });
  });

  test('what nobody has is adopted', async () =>
    assert.deepEqual(await claim([pod('a')]), { names: ['a'], writes: [`patch a ${adoption}`] }));

  test('a finalizer comes with the owner, and goes with it', async () => {
    const { writes } = await claim([pod('a'), pod('lost', { ...mine, labels: {} })], { finalizer: 'f' });
    assert.match(writes[0]!, /"finalizers":\["f"\]/);
    assert.equal(writes[1], releaseOf('lost', ',"$deleteFromPrimitiveList/finalizers":["f"]'));
  });

  test('what it does not accept is as good as not selected', async () => {
    const accepts = ({ metadata }: KubeObject): boolean => metadata.name !== 'b';
    const { names, writes } = await claim([pod('a', mine), pod('b', mine), pod('c')], { accepts });
    assert.deepEqual([names, writes[0]], [['a', 'c'], releaseOf('b')]);
  });

  test('what is gone, or was made anew, is nothing to fail for', async () => {
    const gone = pod('gone');
    assert.deepEqual((await claim([gone], {}, objectClient([OWNER]))).names, []);
    const invalid = newInvalid({ group: '', resource: 'pods' }, 'lost', []);
    const lost = pod('lost', { ...mine, labels: {} });
    assert.deepEqual(
      (
        await claim(
          [lost],
          {},
          objectClient([OWNER, lost], () => invalid),
        )
      ).names,
      [],
    );
  });

  test('an owner that is gone or going adopts nothing, though the cache still has it', async () => {
    const going = { ...OWNER, metadata: { ...OWNER.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const anew = { ...OWNER, metadata: { ...OWNER.metadata, uid: 'you' } };
    const objects = [pod('a')];
    await assert.rejects(claim(objects, {}, objectClient([going])), /can't adopt Pod ns\/a .*has just been deleted/);
    await assert.rejects(claim(objects, {}, objectClient([anew])), /original ReplicaSet ns\/web is gone: got uid you/);
  });

  test('all are tried, whatever fails', async () => {
    const objects = [pod('a'), pod('b'), pod('c', mine)];
    const world = objectClient([OWNER, ...objects], () => new Error('not now'));
    await assert.rejects(claim(objects, {}, world), (error: AggregateError) => error.errors.length === 2);
    assert.equal(world.writes.length, 2);
  });
});

test('the controller of an object is the one of that kind and uid', () => {
  const find = ({ name }: { readonly name: string }) => (name === 'web' ? OWNER : undefined);
  assert.equal(resolveController(pod('a', mine), SET, find), OWNER);
  assert.equal(resolveController(pod('a', { ownerReferences: [reference('you')] }), SET, find), undefined);
  assert.equal(resolveController(pod('a', { ownerReferences: [reference('me', 'Job')] }), SET, find), undefined);
  assert.equal(resolveController(pod('a'), SET, find), undefined);
});
