import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTolerated, keepsAway, type Toleration } from './taints.ts';

const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
const cases: readonly [what: string, toleration: Toleration, tolerated: boolean][] = [
  ['of everything', { operator: 'Exists' }, true],
  ['of the key', { key: 'gpu', operator: 'Exists' }, true],
  ['of another key', { key: 'cpu', operator: 'Exists' }, false],
  ['of the value', { key: 'gpu', operator: 'Equal', value: 'yes' }, true],
  ['of the value, without an operator', { key: 'gpu', value: 'yes' }, true],
  ['of the value, with an empty operator', { key: 'gpu', operator: '', value: 'yes' }, true],
  ['of another value', { key: 'gpu', operator: 'Equal', value: 'no' }, false],
  ['of no value', { key: 'gpu', operator: 'Equal' }, false],
  ['of the effect', { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }, true],
  ['of another effect', { key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
  ['with an operator that there is not', { key: 'gpu', operator: 'Like', value: 'yes' }, false],
];

for (const [what, toleration, tolerated] of cases)
  test(`a toleration ${what} is ${tolerated ? '' : 'not '}about the taint`, () =>
    assert.equal(isTolerated(taint, [toleration]), tolerated));

test('one toleration of several is enough, and none is not', () => {
  assert.equal(isTolerated(taint, [{ key: 'cpu', operator: 'Exists' }, { operator: 'Exists' }]), true);
  assert.equal(isTolerated(taint), false);
});

test('taints that only ask pods to stay away do not keep them away', () => {
  const effects = ['NoSchedule', 'NoExecute', 'PreferNoSchedule'];
  assert.deepEqual(
    effects.filter((effect) => keepsAway({ key: 'a', effect })),
    ['NoSchedule', 'NoExecute'],
  );
});
