import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject, OwnerReference } from 'nekube/apimachinery';
import { Graph } from './graph.ts';
import type { Identity } from './node.ts';

const AT = '2030-01-01T00:00:00Z';

/** A graph that writes down what it tells, as `delete NAME`, `orphan NAME`, `elsewhere NAME`. */
function world(): { readonly graph: Graph; told(): string[] } {
  let said: string[] = [];
  const graph = new Graph({
    attemptToDelete: ({ identity }, later) => said.push(`delete ${identity.name}${later ? ' later' : ''}`),
    attemptToOrphan: ({ identity }) => said.push(`orphan ${identity.name}`),
    ownerElsewhere: ({ name }, owner) => said.push(`elsewhere ${name} ${owner.namespace}/${owner.name}`),
  });
  const told = (): string[] => {
    const all = said.toSorted();
    said = [];
    return all;
  };
  return { graph, told };
}

function a(name: string, namespace = 'one'): Identity {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid of ${name}`, namespace };
}

function by(name: string, more: Partial<OwnerReference> = {}): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: `uid of ${name}`, ...more };
}

function owned(...ownerReferences: OwnerReference[]): Pick<KubeObject, 'metadata'> {
  return { metadata: { ownerReferences } };
}

function deleted(finalizer: string, ...ownerReferences: OwnerReference[]): Pick<KubeObject, 'metadata'> {
  return { metadata: { ownerReferences, deletionTimestamp: AT, finalizers: [finalizer] } };
}

describe('an owner that nobody has seen', () => {
  test('is looked for once, however many name it', () => {
    const { graph, told } = world();
    graph.observe(a('child'), owned(by('owner')));
    graph.observe(a('other'), owned(by('owner')));
    assert.deepEqual(told(), ['delete owner']);
    assert.equal(graph.get('uid of owner')?.isVirtual, true);
  });

  test('that comes later is an owner as any other', () => {
    const { graph, told } = world();
    graph.observe(a('child'), owned(by('owner')));
    graph.observe(a('owner'), owned());
    assert.equal(graph.get('uid of owner')?.isVirtual, false);
    assert.deepEqual(told(), ['delete owner']);
  });

  test('is not looked for again when a dependent goes: it deletes none of them', () => {
    const { graph, told } = world();
    graph.observe(a('child'), owned(by('owner')));
    told();
    graph.remove(a('child'));
    assert.deepEqual(told(), []);
  });

  test('that is not there leaves its dependents to be looked at', () => {
    const { graph, told } = world();
    graph.observe(a('child'), owned(by('owner')));
    told();
    graph.removeAbsent(a('owner'));
    assert.deepEqual(told(), ['delete child']);
    assert.equal(graph.get('uid of owner'), undefined);
    assert.ok(graph.absentOwners.has(a('owner')));
  });

  test('is looked for by its other names when it is not there by the first', () => {
    const { graph, told } = world();
    graph.observe(a('child'), owned(by('owner', { kind: 'Wrong' })));
    graph.observe(a('other'), owned(by('owner')));
    told();
    graph.removeAbsent({ ...a('owner'), kind: 'Wrong' });
    assert.deepEqual(told(), ['delete child', 'delete owner later']);
    assert.equal(graph.get('uid of owner')?.identity.kind, 'ConfigMap');
  });
});

describe('an owner in another namespace', () => {
  test('is told of when it was seen before its dependent', () => {
    const { graph, told } = world();
    graph.observe(a('owner', 'two'), owned());
    graph.observe(a('child'), owned(by('owner')));
    assert.deepEqual(told(), ['delete child', 'elsewhere child one/owner']);
  });

  test('is told of when it is seen after its dependent', () => {
    const { graph, told } = world();
    graph.observe(a('child'), owned(by('owner')));
    told();
    graph.observe(a('owner', 'two'), owned());
    assert.deepEqual(told(), ['delete child', 'elsewhere child one/owner']);
  });

  test('stays when it is looked for where it is not', () => {
    const { graph } = world();
    graph.observe(a('owner', 'two'), owned());
    graph.observe(a('child'), owned(by('owner')));
    graph.removeAbsent(a('owner', 'one'));
    assert.ok(graph.get('uid of owner'));
  });

  test('may be without a namespace', () => {
    const { graph, told } = world();
    const { namespace: _, ...owner } = a('owner');
    graph.observe(owner, owned());
    graph.observe(a('child'), owned(by('owner')));
    assert.deepEqual(told(), []);
  });
});

describe('an object that goes', () => {
  test('leaves its dependents to be looked at', () => {
    const { graph, told } = world();
    graph.observe(a('owner'), owned());
    graph.observe(a('child'), owned(by('owner')));
    graph.remove(a('owner'));
    assert.deepEqual(told(), ['delete child']);
  });

  test('leaves an owner that waits for it to be looked at, and no other', () => {
    const { graph, told } = world();
    graph.observe(a('waits'), deleted('foregroundDeletion'));
    graph.observe(a('stays'), owned());
    graph.observe(a('child'), owned(by('waits'), by('stays')));
    told();
    graph.remove(a('child'));
    assert.deepEqual(told(), ['delete waits']);
    assert.equal(graph.get('uid of stays')?.dependents.size, 0);
  });

  test('and waits for its dependents has them looked at, once', () => {
    const { graph, told } = world();
    graph.observe(a('owner'), owned());
    graph.observe(a('child'), owned(by('owner')));
    const going = deleted('foregroundDeletion');
    graph.observe(a('owner'), going, owned());
    assert.deepEqual(told(), ['delete child', 'delete owner']);
    graph.observe(a('owner'), going, going);
    assert.deepEqual(told(), []);
  });

  test('and is to leave orphans is told', () => {
    const { graph, told } = world();
    graph.observe(a('owner'), owned());
    graph.observe(a('owner'), deleted('orphan'), owned());
    assert.deepEqual(told(), ['orphan owner']);
  });
});

const block = { blockOwnerDeletion: true };
const changes: readonly { name: string; before: OwnerReference[]; after: OwnerReference[]; told: string[] }[] = [
  {
    name: 'an owner that is no longer blocked is looked at',
    before: [by('owner', block)],
    after: [by('owner')],
    told: ['delete owner'],
  },
  {
    name: 'an owner that is lost and was blocked is looked at',
    before: [by('owner', block)],
    after: [],
    told: ['delete owner'],
  },
  { name: 'an owner that is lost and was not blocked is not', before: [by('owner')], after: [], told: [] },
  { name: 'an owner that is now blocked is not', before: [by('owner')], after: [by('owner', block)], told: [] },
  { name: 'a new owner that nobody has seen is', before: [], after: [by('new')], told: ['delete new'] },
];

for (const { name, before, after, told: expected } of changes)
  test(`of changed references: ${name}`, () => {
    const { graph, told } = world();
    graph.observe(a('owner'), owned());
    graph.observe(a('child'), owned(...before));
    told();
    graph.observe(a('child'), owned(...after), owned(...before));
    assert.deepEqual(told(), expected);
    assert.equal(graph.get('uid of owner')?.dependents.size, after.some(({ uid }) => uid === 'uid of owner') ? 1 : 0);
  });
