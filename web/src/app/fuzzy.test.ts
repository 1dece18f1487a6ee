import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzzy } from './fuzzy.ts';

const BEST: readonly (readonly [string, readonly string[]])[] = [
  ['pod', ['Pod', 'PodTemplate', 'PodDisruptionBudget']],
  ['rs', ['ReplicaSet', 'Persist']],
  ['pvc', ['PersistentVolumeClaim', 'PriorityClass']],
  ['web', ['web', 'web-1', 'my-web-1', 'cobweb']],
  ['kube sys', ['kube-system', 'kube-public-system']],
];

test('the text that is meant comes first', () => {
  for (const [typed, texts] of BEST) {
    const sorted = texts.toReversed().sort((a, b) => fuzzy(typed, b) - fuzzy(typed, a));
    assert.deepEqual(sorted, texts, typed);
  }
});

test('letters that lie about are no match', () => {
  assert.equal(fuzzy('xyz', 'Pod'), 0);
  assert.equal(fuzzy('tml', 'DaemonSet template'), 0);
  assert.equal(fuzzy('', 'Pod'), 0);
});
