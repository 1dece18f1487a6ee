import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesOf, type OwnedRow, OwnerIndex, stateOf } from './owner-index.ts';

const row = (kind: string, name: string, ...owners: readonly string[]): OwnedRow => ({
  uid: name,
  apiVersion: 'apps/v1',
  kind,
  resource: `${kind.toLowerCase()}s`,
  namespace: 'shop',
  name,
  owners: owners.map((uid) => ({ apiVersion: 'apps/v1', kind: 'Any', name: uid, uid })),
  created: '2026-01-01T00:00:00Z',
  deleting: false,
  state: { level: 'none', text: '' },
});

function shown(index: OwnerIndex, uid: string, folded: readonly string[] = []): string[] {
  return linesOf(index.trees(uid), new Set(folded)).map(({ node, depth }) => {
    const marks = `${node.row ? '' : '?'}${node.again ? '!' : ''}`;
    return `${'  '.repeat(depth)}${node.ref.name}${marks}`;
  });
}

function indexOf(...rows: readonly OwnedRow[]): OwnerIndex {
  const index = new OwnerIndex();
  for (const one of rows) index.put(one);
  return index;
}

test('a tree goes up to the root and down to all that depends on it, wherever it is entered', () => {
  const index = indexOf(
    row('Pod', 'p2', 'rs'),
    row('Pod', 'p1', 'rs'),
    row('ReplicaSet', 'rs', 'web'),
    row('Deployment', 'web'),
    row('Pod', 'other', 'someone'),
  );
  const expected = ['web', '  rs', '    p1', '    p2'];
  for (const uid of ['web', 'rs', 'p1']) assert.deepEqual(shown(index, uid), expected, uid);
  assert.equal(index.descendants('web'), 3);
});

test('what is told again as it was is no change', () => {
  const index = new OwnerIndex();
  const told = (text: string) => index.put({ ...row('Pod', 'p', 'rs'), state: { level: 'busy', text } });
  assert.deepEqual([told('Pending'), told('Pending'), told('Running')], [true, false, true]);
});

test('an owner that there is not is said, and is to be read', () => {
  const index = indexOf(row('Pod', 'p', 'gone'));
  assert.deepEqual(shown(index, 'p'), ['gone?', '  p']);
  assert.deepEqual(
    index.missingOwners('p').map(({ uid }) => uid),
    ['gone'],
  );
});

test('an object of two owners stands below both', () => {
  const index = indexOf(row('A', 'a'), row('B', 'b'), row('C', 'c', 'a', 'b'));
  assert.deepEqual(shown(index, 'c'), ['a', '  c', 'b', '  c']);
});

test('objects that own each other end', () => {
  const index = indexOf(row('A', 'a', 'b'), row('B', 'b', 'a'));
  assert.deepEqual(index.missingOwners('a'), []);
  assert.ok(index.descendants('a') === 1);
  assert.ok(shown(index, 'a').length < 5);
  const self = indexOf(row('A', 'a', 'a'));
  assert.deepEqual(shown(self, 'a'), ['a', '  a!']);
});

test('what changes owners moves, and what is removed goes', () => {
  const index = indexOf(row('A', 'a'), row('B', 'b'), row('C', 'c', 'a'));
  index.put(row('C', 'c', 'b'));
  assert.deepEqual(shown(index, 'b'), ['b', '  c']);
  assert.deepEqual(shown(index, 'a'), ['a']);
  index.remove('c');
  assert.deepEqual(shown(index, 'b'), ['b']);
});

test('what is folded hides what is below it', () => {
  const index = indexOf(row('A', 'a'), row('B', 'b', 'a'), row('C', 'c', 'b'));
  assert.deepEqual(shown(index, 'a', ['/a/b']), ['a', '  b']);
});

const STATES: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ Ready: '3/3', 'Up-to-date': 3, Available: 3 }, 'good 3/3'],
  [{ Ready: '1/3' }, 'busy 1/3'],
  [{ Desired: 2, Current: 2, Ready: 1 }, 'busy 1/2'],
  [{ Ready: '0/1', Status: 'CrashLoopBackOff' }, 'bad 0/1 CrashLoopBackOff'],
  [{ Ready: '1/1', Status: 'Running' }, 'good 1/1'],
  [{ Ready: '0/1', Status: 'Completed' }, 'good 0/1 Completed'],
  [{ Status: 'Bound' }, 'good Bound'],
  [{ Ready: 'False', Reason: 'NoDisk' }, 'bad NoDisk'],
  [{ Age: '5m' }, 'none '],
];

test('cells that the server prints say how an object is doing', () => {
  for (const [cells, expected] of STATES) {
    const { level, text } = stateOf(new Map(Object.entries(cells)));
    assert.equal(`${level} ${text}`, expected);
  }
});
