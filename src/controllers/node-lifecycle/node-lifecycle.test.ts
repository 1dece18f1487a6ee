import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from 'nekube/client';
import type { Node, NodeCondition } from '../nodes/node.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { missingLabels, noScheduleChanges } from './conditions.ts';
import { judge, type NodeHealth } from './health.ts';
import { disruptionStep, rateIn, TaintQueue, type ZoneState, zoneState } from './zones.ts';

const CREATED = '2026-01-01T00:00:00Z';
const START = Date.parse(CREATED);
const node = (conditions?: readonly NodeCondition[], more: Partial<Node> = {}): Node => ({
  metadata: { name: 'n', creationTimestamp: CREATED },
  spec: {},
  ...(conditions && { status: { conditions } }),
  ...more,
});
const ready = (status: string, lastHeartbeatTime = CREATED): NodeCondition => ({
  type: 'Ready',
  status,
  lastHeartbeatTime,
});
const at = (seconds: number, known?: NodeHealth, renewTime?: string) => ({
  known,
  renewTime,
  now: START + seconds * 1000,
  attended: seconds * 1000,
  nodeMonitorGracePeriodMs: 50_000,
  nodeStartupGracePeriodMs: 60_000,
});

test('a node that wrote something lately is as it says', () => {
  const first = judge(node([ready('True')]), at(0));
  assert.equal(first.conditions, undefined);
  const later = judge(node([ready('True', '2026-01-01T00:00:40Z')]), at(45, first.health));
  assert.equal(later.health.probedAt, 45_000);
  assert.equal(judge(node([ready('True', '2026-01-01T00:00:40Z')]), at(95, later.health)).conditions, undefined);
});

test('a node that is silent for longer than the grace period is unknown', () => {
  const { health } = judge(node([ready('True')]), at(0));
  const { conditions, observed, current } = judge(node([ready('True')]), at(51, health));
  assert.equal(observed.status, 'True');
  assert.deepEqual([current?.status, current?.reason], ['Unknown', 'NodeStatusUnknown']);
  assert.deepEqual(
    conditions?.map(({ type, reason }) => `${type} ${reason}`),
    [
      'Ready NodeStatusUnknown',
      'MemoryPressure NodeStatusNeverUpdated',
      'DiskPressure NodeStatusNeverUpdated',
      'PIDPressure NodeStatusNeverUpdated',
    ],
  );
});

test('a node that says nothing any more is looked at by what it last did', () => {
  const spoke = judge(node([ready('True')]), at(10));
  const silent = judge(node(), at(20, spoke.health));
  assert.deepEqual([silent.health.probedAt, silent.health.ready, silent.conditions], [10_000, undefined, undefined]);
  assert.notEqual(judge(node(), at(71, silent.health)).conditions, undefined);
  const again = judge(node([ready('True')]), at(80, silent.health));
  assert.deepEqual([again.health.probedAt, again.conditions], [80_000, undefined]);
});

test('a lease that is renewed is a sign of life, also of a node that never wrote its status', () => {
  const { health } = judge(node(), at(0, undefined, '2026-01-01T00:00:00.000000Z'));
  const later = judge(node(), at(59, health, '2026-01-01T00:00:55.000000Z'));
  assert.equal(judge(node(), at(110, later.health, '2026-01-01T00:00:55.000000Z')).conditions, undefined);
  assert.notEqual(judge(node(), at(120, later.health, '2026-01-01T00:00:55.000000Z')).conditions, undefined);
});

test('what conditions say is a taint each, and no other taint is touched', () => {
  const tainted = node([ready('Unknown'), { type: 'DiskPressure', status: 'True' }], {
    spec: {
      taints: [
        { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' },
        { key: 'example.com/own', effect: 'NoSchedule' },
        { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
      ],
      unschedulable: true,
    },
  });
  const keys = ({ add, remove }: ReturnType<typeof noScheduleChanges>) => [
    add.map(({ key }) => key),
    remove.map(({ key }) => key),
  ];
  assert.deepEqual(keys(noScheduleChanges(tainted)), [
    ['node.kubernetes.io/unreachable', 'node.kubernetes.io/unschedulable'],
    ['node.kubernetes.io/not-ready'],
  ]);
});

test('labels have their older names, too', () => {
  const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64', 'beta.kubernetes.io/arch': 'amd64' };
  assert.deepEqual(missingLabels({ ...node(), metadata: { name: 'n', labels } }), {
    'beta.kubernetes.io/os': 'linux',
    'beta.kubernetes.io/arch': 'arm64',
  });
});

test('a zone is as its nodes are', () => {
  const of = (good: number, bad: number) =>
    zoneState([...Array<boolean>(good).fill(true), ...Array<boolean>(bad).fill(false)], 0.55);
  assert.deepEqual(
    [of(3, 0), of(0, 1), of(1, 2), of(2, 3), of(10, 3)],
    ['normal', 'full', 'normal', 'partial', 'normal'],
  );
  assert.equal(rateIn('partial', 10, DEFAULT_SETTINGS), 0);
  assert.equal(rateIn('partial', 51, DEFAULT_SETTINGS), 0.01);
  assert.equal(rateIn('full', 51, DEFAULT_SETTINGS), 0.1);
});

test('when no zone has a node that is ready nobody leaves, until one has', () => {
  const zones = (...states: ZoneState[]) => new Map(states.map((state, index) => [String(index), state]));
  assert.equal(disruptionStep(zones('normal', 'full'), zones('full', 'full')).step, 'stop');
  assert.equal(disruptionStep(zones('full', 'full'), zones('full', 'full')).step, 'none');
  assert.equal(disruptionStep(zones('full', 'full'), zones('full', 'normal')).step, 'resume');
  assert.equal(disruptionStep(zones('normal'), zones('partial')).step, 'change');
});

test('nodes get their taint one after the other, as fast as the zone can bear', async () => {
  const clock = new FakeClock();
  const queue = new TaintQueue(1, clock);
  const done: string[] = [];
  const turn = async (name: string) => done.push(name) > 0;
  for (const name of ['a', 'b', 'c']) queue.add(name);
  await queue.run(turn);
  assert.deepEqual(done, ['a']);
  await queue.run(turn);
  assert.deepEqual(done, ['a']);
  queue.remove('b');
  queue.setRate(0);
  await queue.run(turn);
  assert.deepEqual(done, ['a']);
  assert.equal(queue.add('a'), false, 'it had its turn');
  queue.setRate(1);
  await queue.run(turn);
  assert.deepEqual(done, ['a']);
  clock.tick(1000);
  await queue.run(turn);
  assert.deepEqual(done, ['a', 'c']);
});
