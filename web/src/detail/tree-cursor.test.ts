import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { type OwnedRow, OwnerIndex } from './owner-index.ts';
import { TreeCursor } from './tree-cursor.ts';

const row = (name: string, owner?: string): OwnedRow => ({
  uid: name,
  apiVersion: 'v1',
  kind: 'Any',
  resource: 'anys',
  namespace: 'shop',
  name,
  owners: owner === undefined ? [] : [{ apiVersion: 'v1', kind: 'Any', name: owner, uid: owner }],
  created: '',
  deleting: false,
  state: { level: 'none', text: '' },
});

/** `web` owns `rs`, which owns two pods; one of them is shown. */
function shop() {
  const index = new OwnerIndex();
  for (const one of [row('web'), row('rs', 'web'), row('pod-a', 'rs'), row('pod-b', 'rs')]) index.put(one);
  const version = signal(0);
  const cursor = new TreeCursor(() => {
    void version.value;
    return index.trees('pod-a');
  }, 'pod-a');
  return {
    cursor,
    change(act: (of: OwnerIndex) => void) {
      act(index);
      version.value++;
    },
  };
}

const CASES: readonly { readonly name: string; readonly keys: string; readonly at: string }[] = [
  { name: 'begins at the object that is shown', keys: '', at: 'pod-a' },
  { name: 'goes up by its owners, one key at a time, and to the root', keys: 'ArrowLeft ArrowLeft Home', at: 'web' },
  { name: 'goes down into what it opens', keys: 'Home ArrowLeft ArrowRight ArrowRight', at: 'rs' },
  { name: 'passes over what is folded', keys: 'ArrowLeft ArrowLeft j', at: 'rs' },
  { name: 'stays at its ends', keys: 'End j ArrowDown', at: 'pod-b' },
  { name: 'stays at the root', keys: 'Home k ArrowLeft ArrowLeft ArrowUp', at: 'web' },
  { name: 'goes line by line', keys: 'Home j j k ArrowDown', at: 'pod-a' },
];

for (const { name, keys, at } of CASES)
  test(`the cursor of a tree ${name}`, () => {
    const { cursor } = shop();
    for (const key of keys.split(' ').filter(Boolean)) assert.equal(cursor.take(key), true, key);
    assert.equal(cursor.current.value?.node.ref.name, at);
  });

test('a key that means nothing in a tree is left to others', () => {
  const { cursor } = shop();
  for (const key of ['Enter', 'x', 'toString', '__proto__']) assert.equal(cursor.take(key), false, key);
});

test('one who is somewhere stays there while objects come and go, and what folds away is not walked', () => {
  const { cursor, change } = shop();
  cursor.take('j');
  change((index) => index.put(row('pod-aa', 'rs')));
  assert.equal(cursor.current.value?.node.ref.name, 'pod-b');
  change((index) => index.remove('pod-b'));
  assert.equal(cursor.current.value?.node.ref.name, 'pod-a');
  cursor.take('ArrowLeft');
  cursor.take('ArrowLeft');
  assert.deepEqual(
    cursor.lines.value.map(({ node }) => node.ref.name),
    ['web', 'rs'],
  );
});
