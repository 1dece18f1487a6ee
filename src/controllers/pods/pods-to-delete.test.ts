import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from './pod.ts';
import { choosePodsToDelete } from './pods-to-delete.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

/** A pod that runs on a node and is ready since an hour, unless it is said otherwise. */
function pod(name: string, change: Partial<Record<'node' | 'phase' | 'ready' | 'cost' | 'made', string>> = {}): Pod {
  const { node = name, phase = 'Running', ready = ago(3600), cost, made = ago(7200) } = change;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      uid: name,
      creationTimestamp: made,
      ...(cost !== undefined && { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
    },
    spec: { nodeName: node },
    status: {
      phase,
      ...(ready && { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: ready }] }),
      containerStatuses: [{ name: 'web', restartCount: change.ready === 'restarted' ? 3 : 0 }],
    },
  };
}

function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

const cases: readonly { readonly name: string; readonly pods: readonly Pod[]; readonly first: string }[] = [
  { name: 'that runs nowhere', pods: [pod('a'), pod('b', { node: '' })], first: 'b' },
  { name: 'that does not run yet', pods: [pod('a'), pod('b', { phase: 'Pending' })], first: 'b' },
  { name: 'that is not ready', pods: [pod('a'), pod('b', { ready: '' })], first: 'b' },
  { name: 'that costs less', pods: [pod('a'), pod('b', { cost: '-1' })], first: 'b' },
  { name: 'with a cost that is no number costs nothing', pods: [pod('a'), pod('b', { cost: '+7' })], first: 'a' },
  { name: 'that is ready for a shorter time', pods: [pod('a'), pod('b', { ready: ago(60) })], first: 'b' },
  { name: 'with the lesser uid, when both are as old', pods: [pod('b'), pod('a', { ready: ago(3500) })], first: 'a' },
  { name: 'that is younger', pods: [pod('a'), pod('b', { made: ago(100) })], first: 'b' },
  {
    name: 'that has neighbours',
    pods: [pod('a'), pod('b', { node: 'crowded' }), pod('c', { node: 'crowded' })],
    first: 'b',
  },
];

for (const { name, pods, first } of cases)
  test(`of too many pods that one goes ${name}`, () => {
    const [chosen] = choosePodsToDelete(pods, pods, 1, NOW);
    assert.equal(chosen?.metadata.name, first);
  });

test('all go when all are too many', () => {
  assert.equal(choosePodsToDelete([pod('a')], [], 3, NOW).length, 1);
});
