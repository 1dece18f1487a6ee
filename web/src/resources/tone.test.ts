import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toneOf } from './tone.ts';

test('a state has a tone, and what is no state has none', () => {
  const cases: readonly (readonly [string, string, string | undefined])[] = [
    ['status', 'Running', 'good'],
    ['status', 'CrashLoopBackOff', 'bad'],
    ['status', 'Init:CrashLoopBackOff', 'bad'],
    ['status', 'Init:0/2', 'busy'],
    ['status', 'NotReady', 'bad'],
    ['status', 'Ready,SchedulingDisabled', 'busy'],
    ['type', 'Warning', 'busy'],
    ['type', 'ClusterIP', undefined],
    ['ready', '1/2', 'busy'],
    ['ready', '2/2', undefined],
    ['name', 'failed', undefined],
  ];
  for (const [column, cell, tone] of cases) assert.equal(toneOf(column, cell), tone, `${column} ${cell}`);
});
