import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPath } from 'nekube/smd';
import { DriftWars, warsIn } from './drift-wars.ts';
import type { HistoryRecord, RecordedChange } from './history-record.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1, 10);
const rules = { windowMs: 60 * MINUTE, returns: 2 };
const object = { id: 1, group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const managers = ['git', 'hpa', 'oncall'];

/** What is told of a field in a minute: by whom it may be, and what else is so. */
interface Told extends Partial<Omit<RecordedChange, 'by' | 'value'>> {
  readonly minute: number;
  readonly by: string;
  readonly value: number;
  readonly type?: HistoryRecord['type'];
  /** When its entry says that it was written. */
  readonly written?: number;
}

function recordOf({ minute, by, value, type = 'changed', written = minute, ...change }: Told): HistoryRecord {
  const seenAt = START + minute * MINUTE;
  const time = START + written * MINUTE;
  const writers = managers.map((manager) => ({
    ...{ manager, operation: 'Apply' as const, apiVersion: 'apps/v1', subresource: '' },
    ...(by.includes(manager) && { time }),
  }));
  const places = managers.flatMap((manager, i) => (by.includes(manager) ? [i] : []));
  const changes = [{ path: '/f:spec/f:replicas', value: { value }, owners: places, by: places, ...change }];
  return { seq: minute, object, uid: 'u1', type, resourceVersion: `${minute}`, seenAt, writers, changes };
}

function begun(told: readonly Told[]): number {
  const wars = new DriftWars(rules);
  return told.reduce((sum, one) => sum + wars.observe(recordOf(one)).length, 0);
}

const git = (minute: number, more: Partial<Told> = {}): Told => ({ minute, by: 'git', value: 3, ...more });
const hpa = (minute: number, more: Partial<Told> = {}): Told => ({ minute, by: 'hpa', value: 10, ...more });

const cases: Readonly<Record<string, readonly [told: readonly Told[], wars: number]>> = {
  'a value that returns': [[git(1), hpa(2), git(3), hpa(4), git(5)], 1],
  'what changed who owns it, and not the value': [
    [git(1), hpa(2, { isOwnersOnly: true }), git(3, { value: 4 }), hpa(4, { isOwnersOnly: true }), git(5)],
    0,
  ],
  'a side of which it is one of two': [
    [git(1), hpa(2, { by: 'hpa or oncall' }), git(3), hpa(4, { by: 'hpa or oncall' }), git(5)],
    0,
  ],
  'a value that was found, and was written within the window': [
    [git(30, { type: 'found', written: 1 }), hpa(31), git(32), hpa(33, { value: 11 }), git(34)],
    1,
  ],
  'a value that was found, and was written long before': [
    [git(90, { type: 'found', written: 1 }), hpa(91), git(92), hpa(93, { value: 11 }), git(94)],
    0,
  ],
  'a value that was written before the window, as its entry says, and seen only now': [
    [git(1), hpa(2), git(3), hpa(90, { written: 89 }), git(91)],
    0,
  ],
};
for (const [name, [told, wars]] of Object.entries(cases))
  test(`${wars === 0 ? 'no war' : 'a war'}: ${name}`, () => assert.equal(begun(told), wars));

test('wars of what is kept are told as they are now: one that is over as ended', () => {
  const records = [git(1), hpa(2), git(3), hpa(4), git(5)].map(recordOf);
  const told = (now: number) =>
    warsIn(records, rules, START + now * MINUTE).map(({ type, path }) => `${type} ${formatPath(path)}`);
  assert.deepEqual(told(10), ['begun .spec.replicas']);
  assert.deepEqual(told(70), ['ended .spec.replicas']);
});
