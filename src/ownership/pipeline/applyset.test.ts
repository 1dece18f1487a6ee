import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  applySetId,
  inventoryOfObjects,
  parentConfiguration,
  type ParentRef,
  readParent,
  unionOf,
} from './applyset.ts';

const parent: ParentRef = {
  apiVersion: 'v1',
  group: '',
  kind: 'Secret',
  resource: 'secrets',
  namespace: 'shop',
  name: 'web',
};
const tooling = { name: 'nekube-own', version: 'v1.0.0' };

test('the id is the hash that kubectl makes of name, namespace, kind and group', () => {
  // what kubectl expects of itself
  const secret = { group: '', kind: 'Secret', namespace: 'test', name: 'my-set' };
  assert.equal(applySetId(secret), 'applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1');
  const custom = { group: 'company.com', kind: 'ApplySet', namespace: '', name: 'my-set' };
  assert.equal(applySetId(custom), 'applyset-rhp1a-HVAVT_dFgyEygyA1BEB82HPp2o10UiFTpqtAs-v1');
});

test('the parent states kinds and namespaces in order, its own namespace aside', () => {
  const inventory = unionOf(
    inventoryOfObjects([{ group: 'apps', kind: 'Deployment', namespace: 'shop' }]),
    inventoryOfObjects([
      { group: '', kind: 'Namespace', namespace: '' },
      { group: '', kind: 'ConfigMap', namespace: 'b' },
      { group: '', kind: 'ConfigMap', namespace: 'a' },
    ]),
  );
  assert.deepEqual(parentConfiguration(parent, inventory, { tooling, run: 'r' }).metadata, {
    name: 'web',
    namespace: 'shop',
    labels: { 'applyset.kubernetes.io/id': applySetId(parent) },
    annotations: {
      'applyset.kubernetes.io/tooling': 'nekube-own/v1.0.0',
      'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Deployment.apps,Namespace',
      'applyset.kubernetes.io/additional-namespaces': 'a,b',
      'ownership.nekube.dev/applyset-run': 'r',
    },
  });
});

test('what is stated is read again', () => {
  const inventory = inventoryOfObjects([
    { group: 'apps', kind: 'Deployment', namespace: 'shop' },
    { group: '', kind: 'ConfigMap', namespace: 'a' },
  ]);
  const read = readParent(parent, parentConfiguration(parent, inventory, { tooling }), tooling);
  assert.deepEqual(read, inventory);
});

describe('a parent that must be left alone is named in the words of kubectl', () => {
  const id = { 'applyset.kubernetes.io/id': applySetId(parent) };
  const ours = { 'applyset.kubernetes.io/tooling': 'nekube-own/v0.9.0' };
  const shown = 'ApplySet parent object "secrets./web"';
  const cases: readonly (readonly [name: string, labels: object, annotations: object, problem: string])[] = [
    ['no set', {}, {}, `${shown} already exists and is missing required annotation "applyset.kubernetes.io/tooling"`],
    [
      'another tool',
      id,
      { 'applyset.kubernetes.io/tooling': 'kubectl/v1.36.3' },
      `${shown} already exists and is managed by tooling "kubectl" instead of "nekube-own"`,
    ],
    ['no id', {}, ours, `${shown} exists and does not have required label applyset.kubernetes.io/id`],
    [
      'the id of another',
      { 'applyset.kubernetes.io/id': 'x' },
      ours,
      `${shown} exists and has incorrect value for label "applyset.kubernetes.io/id" (got: x, want: ${applySetId(parent)})`,
    ],
    [
      'no kinds',
      id,
      ours,
      `${shown} does not have annotation "applyset.kubernetes.io/contains-group-kinds"; state the kinds of its members there, as in "ConfigMap,Deployment.apps"`,
    ],
  ];
  for (const [name, labels, annotations, problem] of cases)
    test(name, () => {
      const live = { metadata: { labels, annotations } as { labels: Record<string, string> } };
      assert.equal(readParent(parent, live, tooling), problem);
    });
});
