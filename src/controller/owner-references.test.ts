import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import {
  AlreadyOwnedError,
  controllerOf,
  isControlledBy,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from './owner-references.ts';

const owner: KubeObject = {
  apiVersion: 'example.com/v1',
  kind: 'Web',
  metadata: { namespace: 'default', name: 'shop', uid: 'u1' },
};
const child = (): KubeObject => ({ metadata: { namespace: 'default', name: 'child' } });

test('a controller is referred to as what it goes with, once', () => {
  const object = child();
  setControllerReference(owner, object);
  setControllerReference(
    { ...owner, apiVersion: 'example.com/v2', metadata: { ...owner.metadata, uid: 'u2' } },
    object,
  );
  assert.deepEqual(object.metadata.ownerReferences, [
    {
      apiVersion: 'example.com/v2',
      kind: 'Web',
      name: 'shop',
      uid: 'u2',
      blockOwnerDeletion: true,
      controller: true,
    },
  ]);
  assert.equal(controllerOf(object)?.name, 'shop');
  assert.equal(isControlledBy(object, owner), false);
});

test('an object has one controller', () => {
  const object = child();
  setControllerReference(owner, object);
  const other = { ...owner, metadata: { ...owner.metadata, name: 'other' } };
  assert.throws(
    () => setControllerReference(other, object),
    (error) => {
      assert.ok(error instanceof AlreadyOwnedError);
      assert.equal(error.message, 'Object default/child is already owned by another Web controller shop');
      return true;
    },
  );
  setOwnerReference(other, object);
  assert.equal(object.metadata.ownerReferences?.length, 2);
  assert.equal(removeOwnerReference(other, object), true);
  assert.equal(removeOwnerReference(other, object), false);
  assert.equal(object.metadata.ownerReferences?.length, 1);
});

const refused: readonly (readonly [KubeObject, KubeObject, string])[] = [
  [
    owner,
    { metadata: { name: 'child' } },
    "cluster-scoped resource must not have a namespace-scoped owner, owner's namespace default",
  ],
  [
    owner,
    { metadata: { name: 'child', namespace: 'other' } },
    "cross-namespace owner references are disallowed, owner's namespace default, obj's namespace other",
  ],
  [
    { ...owner, metadata: { namespace: 'default', name: 'shop' } },
    child(),
    'Cannot refer to owner shop: it has no uid',
  ],
];

for (const [from, object, message] of refused) {
  test(`a reference is refused: ${message}`, () => {
    assert.throws(() => setControllerReference(from, object), { message });
    assert.throws(() => setOwnerReference(from, object), { message });
  });
}

test('an owner without a namespace may own objects with one', () => {
  const object = child();
  setControllerReference({ ...owner, metadata: { name: 'shop', uid: 'u1' } }, object);
  assert.equal(object.metadata.ownerReferences?.length, 1);
});
