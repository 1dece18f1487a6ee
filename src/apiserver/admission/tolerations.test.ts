import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { areAllowed, mergeTolerations, type Toleration } from './tolerations.ts';

const all: Toleration = { operator: 'Exists' };
const anyX: Toleration = { key: 'x', operator: 'Exists' };
const noSchedule: Toleration = { key: 'x', operator: 'Exists', effect: 'NoSchedule' };
const one: Toleration = { key: 'x', operator: 'Equal', value: '1', effect: 'NoSchedule' };
const short: Toleration = { key: 'x', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 };
const long: Toleration = { key: 'x', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 50 };

const cases: readonly [name: string, first: Toleration[], second: Toleration[], merged: Toleration[]][] = [
  ['different ones stay', [noSchedule], [short], [noSchedule, short]],
  ['equal ones are one', [one], [{ ...one }], [one]],
  ['a wider one takes the place of one before it', [one], [noSchedule], [noSchedule]],
  ['a narrower one after it is left out', [noSchedule], [one], [noSchedule]],
  ['the one for every effect includes the others', [noSchedule, short], [anyX], [anyX]],
  ['the one for everything includes all', [one, noSchedule], [all], [all]],
  ['the longer time includes the shorter', [short], [long], [long]],
];
for (const [name, first, second, merged] of cases)
  test(`merging: ${name}`, () => assert.deepEqual(mergeTolerations(first, second), merged));

const toleration = fc.constantFrom(all, anyX, noSchedule, one, short, long);
test('what is merged allows all that was there, and merging again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(toleration), fc.array(toleration), (first, second) => {
      const merged = mergeTolerations(first, second);
      assert.ok([...first, ...second].length === 0 || areAllowed([...first, ...second], merged));
      assert.deepEqual(mergeTolerations(merged, []), merged);
    }),
  );
});
