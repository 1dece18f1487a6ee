import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressPlan } from './address-plan.ts';
import { parseAddress, parseRange } from './ranges.ts';

test('each node has an address and a range from the first question on', () => {
  const plan = new AddressPlan();
  assert.deepEqual(
    ['one', 'two', 'one'].map((node) => [plan.nodeAddress(node), plan.podRange(node)]),
    [
      ['10.239.0.1', '10.244.0.0/24'],
      ['10.239.0.2', '10.244.1.0/24'],
      ['10.239.0.1', '10.244.0.0/24'],
    ],
  );
});

test('an address that was given back is given again after all others', () => {
  const plan = new AddressPlan({ podRange: '10.1.0.0/28', nodePrefix: 29 });
  const taken = [1, 2, 3].map(() => plan.take('node'));
  assert.deepEqual(taken, ['10.1.0.2', '10.1.0.3', '10.1.0.4']);
  plan.giveBack('node', '10.1.0.2');
  assert.deepEqual(
    [1, 2, 3].map(() => plan.take('node')),
    ['10.1.0.5', '10.1.0.6', '10.1.0.2'],
  );
  assert.throws(() => plan.take('node'), /All 5 addresses of 10.1.0.0\/29 are taken on node "node"/);
});

test('more nodes than the range has are refused', () => {
  const plan = new AddressPlan({ podRange: '10.1.0.0/23' });
  plan.podRange('a');
  plan.podRange('b');
  assert.throws(() => plan.podRange('c'), /enough for 2 nodes/);
});

for (const text of ['10.0.0.0', '10.0.0.1/24', '10.0.0.0/33', '300.0.0.0/8', 'fd00::/8', '']) {
  test(`"${text}" is not a range`, () => assert.throws(() => parseRange(text), RangeError));
}

test('addresses are read as strictly as Go does', () => {
  assert.equal(parseAddress('255.255.255.255'), 2 ** 32 - 1);
  for (const text of ['1.2.3', '1.2.3.04', '1.2.3.256', '1.2.3.4.5', ' 1.2.3.4'])
    assert.equal(parseAddress(text), undefined);
});
