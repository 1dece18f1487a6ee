import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alternativeTo, partition } from './alternatives.ts';
import type { Identity, Node } from './node.ts';

const owner: Identity = { apiVersion: 'v1', kind: 'Owner', name: 'o', uid: 'u', namespace: 'one' };

/** A dependent in a namespace that names its owners as `KIND NAME`, all by one uid. */
function dependent(namespace: string | undefined, ...owners: readonly string[]): Node {
  const references = owners.map((text) => {
    const [kind = '', name = ''] = text.split(' ');
    return { apiVersion: 'v1', kind, name, uid: 'u' };
  });
  const identity = { apiVersion: 'v1', kind: 'Child', name: 'c', uid: 'c', ...(namespace && { namespace }) };
  return { key: 'c', identity, owners: references, dependents: new Set(), isVirtual: false } as unknown as Node;
}

test('dependents name an owner as it is, or otherwise, or both', () => {
  const right = dependent('one', 'Owner o');
  const wrong = dependent('one', 'Other o');
  const both = dependent('one', 'Owner o', 'Owner x');
  const elsewhere = dependent('two', 'Owner o');
  const found = partition([right, wrong, both, elsewhere], owner);
  assert.deepEqual(found.matching, [right, both]);
  assert.deepEqual(found.others, [wrong, both, elsewhere]);
});

test('an owner without a namespace is that of dependents anywhere', () => {
  const { namespace: _, ...everywhere } = owner;
  const one = dependent('one', 'Owner o');
  assert.deepEqual(partition([one], everywhere), { matching: [one], others: [] });
});

test('what an owner is called otherwise is tried in turn', () => {
  const dependents = [dependent('one', 'B b'), dependent('one', 'A a', 'C c'), dependent('one', 'Owner o')];
  const names: string[] = [];
  let absent: Identity | undefined = { ...owner, kind: 'A', name: 'a' };
  for (let tries = 0; tries < 4 && absent !== undefined; tries++) {
    absent = alternativeTo(absent, dependents);
    names.push(`${absent?.kind} ${absent?.name}`);
  }
  assert.deepEqual(names, ['B b', 'C c', 'Owner o', 'A a']);
});

test('an owner is looked for in the namespace of the dependent, but where its kind turned out to have none', () => {
  const { namespace: _, ...everywhere } = owner;
  const dependents = [dependent('one', 'Owner x'), dependent('one', 'Other y')];
  const first = alternativeTo(everywhere, dependents)!;
  assert.deepEqual([first.name, first.namespace], ['x', undefined]);
  const second = alternativeTo(first, dependents)!;
  assert.deepEqual([second.name, second.namespace], ['y', 'one']);
});

test('where all say the same there is nothing else', () =>
  assert.equal(alternativeTo(owner, [dependent('one', 'Owner o')]), undefined));
