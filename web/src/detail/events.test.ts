import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupEvents } from './events.ts';

const event = (reason: string, last: string, more: object = {}) => ({
  type: 'Warning',
  reason,
  message: `${reason} it`,
  source: { component: 'kubelet' },
  firstTimestamp: '2026-01-01T00:00:00Z',
  lastTimestamp: last,
  ...more,
});

test('what says the same is one line with a count, the latest first', () => {
  const groups = groupEvents([
    event('Pull', '2026-01-01T00:01:00Z', { count: 3 }),
    event('Back', '2026-01-01T00:05:00Z'),
    event('Pull', '2026-01-01T00:02:00Z', { count: 2, firstTimestamp: '2025-01-01T00:00:00Z' }),
  ]);
  assert.deepEqual(
    groups.map(({ reason, count, first, last }) => [reason, count, first, last]),
    [
      ['Back', 1, '2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z'],
      ['Pull', 5, '2025-01-01T00:00:00Z', '2026-01-01T00:02:00Z'],
    ],
  );
});

test('events of the newer API are read, too', () => {
  const [group] = groupEvents([
    {
      type: 'Normal',
      reason: 'Scheduled',
      note: 'to n1',
      reportingController: 'scheduler',
      eventTime: '2026-01-01T00:00:00.5Z',
      series: { count: 4, lastObservedTime: '2026-01-01T00:03:00Z' },
    },
  ]);
  assert.deepEqual(
    [group!.message, group!.source, group!.count, group!.last],
    ['to n1', 'scheduler', 4, '2026-01-01T00:03:00Z'],
  );
});
