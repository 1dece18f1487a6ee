import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../pod/pod.ts';
import { deadlineOf } from './deadline.ts';

const NOW = Date.UTC(2026, 0, 1);

function podOf(activeDeadlineSeconds?: number, startTime?: string): Pod {
  return {
    metadata: { name: 'p' },
    spec: { containers: [], ...(activeDeadlineSeconds !== undefined && { activeDeadlineSeconds }) },
    ...(startTime !== undefined && { status: { startTime } }),
  };
}

test('a pod may run for as long as it says, from when the node first saw it', () => {
  assert.equal(deadlineOf(podOf(), NOW), undefined);
  assert.equal(deadlineOf(podOf(30), NOW), NOW + 30_000);
  assert.equal(deadlineOf(podOf(30, '2025-12-31T23:59:50Z'), NOW), NOW + 20_000);
});
