import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectionPath, type Kind, kindsOf, listHref, objectHref } from './kinds.ts';

const pods = { resource: 'pods', responseKind: { kind: 'Pod' }, scope: 'Namespaced', verbs: ['list'] } as const;
const nodes = { resource: 'nodes', responseKind: { kind: 'Node' }, scope: 'Cluster' } as const;

test('a kind is there once, in the version that its group prefers', () => {
  const kinds = kindsOf({
    items: [
      {
        metadata: { name: 'example.com' },
        versions: [
          { version: 'v1', resources: [pods] },
          { version: 'v1beta1', resources: [pods, nodes] },
        ],
      },
    ],
  });
  assert.deepEqual(
    kinds.map((kind) => [kind.path, kind.otherVersions]),
    [
      ['example.com/v1/pods', ['v1beta1']],
      ['example.com/v1beta1/nodes', []],
    ],
  );
});

test('an object has its address by group, version, resource, namespace and name', () => {
  const [pod, node] = kindsOf({ items: [{ versions: [{ version: 'v1', resources: [pods, nodes] }] }] }) as [Kind, Kind];
  assert.equal(collectionPath(pod, 'default'), '/api/v1/namespaces/default/pods');
  assert.equal(collectionPath(node, 'default'), '/api/v1/nodes');
  assert.equal(listHref(pod), '/r/core/v1/pods');
  assert.equal(objectHref(pod, 'web', 'default'), '/r/core/v1/pods/ns/default/web');
  assert.equal(objectHref(node, 'a/b'), '/r/core/v1/nodes/a%2Fb');
});
