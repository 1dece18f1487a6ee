import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { usageByRoot, usageOfProcesses } from './usage.ts';

describe('what processes have used counts for', () => {
  const process = (parent: number, session: number) => ({
    parent,
    session,
    used: { cpuNanoseconds: 1, memoryBytes: 10 },
  });
  const cases: readonly (readonly [
    name: string,
    all: Record<number, readonly [number, number]>,
    counts: Record<number, number>,
  ])[] = [
    ['themselves', { 7: [1, 7] }, { 7: 1 }],
    ['who started them, over others, also in another session', { 7: [1, 7], 8: [7, 7], 9: [8, 9] }, { 7: 3 }],
    ['the nearest of several', { 7: [1, 7], 70: [7, 70], 71: [70, 70] }, { 7: 1, 70: 2 }],
    ['their session, when their parent has left them', { 7: [1, 7], 8: [1, 7] }, { 7: 2 }],
    ['nobody, if nobody asks', { 3: [1, 3], 4: [5, 3], 5: [4, 3] }, {}],
  ];
  for (const [name, all, counts] of cases)
    test(name, () => {
      const known = new Map(
        Object.entries(all).map(([pid, [parent, session]]) => [Number(pid), process(parent, session)]),
      );
      const used = usageByRoot(known, new Set([7, 70]));
      assert.deepEqual(Object.fromEntries([...used].map(([pid, { cpuNanoseconds }]) => [pid, cpuNanoseconds])), counts);
    });
});

test('this process has used something, where that can be known', { skip: process.platform !== 'linux' }, () => {
  const used = usageOfProcesses(new Set([process.pid])).get(process.pid);
  assert.ok(used !== undefined && used.cpuNanoseconds > 0 && used.memoryBytes > 0);
});
