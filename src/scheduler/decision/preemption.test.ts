import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podInfoOf } from '../cluster/pod-info.ts';
import type { Pod } from '../objects/pod.ts';
import { Nominations } from '../queue/nominations.ts';
import { asking, nodeOf, podOf, worldOf } from '../testing/objects.ts';
import type { Budget } from './preemption.ts';
import { Scheduling } from './scheduling.ts';

interface Case {
  readonly name: string;
  readonly pods: readonly Pod[];
  readonly budgets?: readonly Budget[];
  readonly pod?: Pod;
  /** Where, and who goes: `one: a, b`; or the text. */
  readonly result: string;
}

const nodes = ['one', 'two'].map((name) => nodeOf(name));
const on = (nodeName: string, name: string, cpu: string, priority = 0, startTime = '2026-01-01T00:00:00Z'): Pod => ({
  ...podOf(name, { nodeName, priority, containers: asking({ cpu }) }, { labels: { name } }),
  status: { startTime },
});
const high = podOf('high', { priority: 10, containers: asking({ cpu: '3' }) });
const budget = (name: string, disruptionsAllowed: number): Budget => ({
  metadata: { name, namespace: 'default' },
  spec: { selector: { matchLabels: { name } } },
  status: { disruptionsAllowed },
});

const CASES: readonly Case[] = [
  {
    name: 'those stay with whom there is room, the more important first',
    pods: [on('one', 'a', '1', 1), on('one', 'b', '1', 2), on('one', 'c', '2'), on('two', 'd', '4', 10)],
    result: 'one: a, c',
  },
  {
    name: 'where no budget is broken',
    pods: [on('one', 'a', '4'), on('two', 'b', '4', 5)],
    budgets: [budget('a', 0), budget('b', 1)],
    result: 'two: b',
  },
  { name: 'the lowest priority', pods: [on('one', 'a', '4', 5), on('two', 'b', '4', 4)], result: 'two: b' },
  {
    name: 'the lowest sum of priorities, so that fewer go',
    pods: [on('one', 'a', '2', 1), on('one', 'b', '2', 1), on('two', 'c', '4', 1)],
    result: 'two: c',
  },
  {
    name: 'those that began last',
    pods: [on('one', 'a', '4'), on('two', 'b', '4', 0, '2026-01-02T00:00:00Z')],
    result: 'two: b',
  },
  {
    name: 'nobody of the same priority',
    pods: [on('one', 'a', '4', 10), on('two', 'b', '4', 10)],
    result:
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: ' +
      '2 No preemption victims found for incoming pod.',
  },
  {
    name: 'nobody if the pod must not',
    pods: [on('one', 'a', '4'), on('two', 'b', '4')],
    pod: podOf('polite', { priority: 10, preemptionPolicy: 'Never', containers: asking({ cpu: '3' }) }),
    result:
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to ' +
      'preemptionPolicy=Never.',
  },
  {
    name: 'nobody where it does not help',
    pods: [on('one', 'a', '4'), on('two', 'b', '4')],
    pod: podOf('huge', { priority: 10, containers: asking({ cpu: '5' }) }),
    result:
      '0/2 nodes are available: 2 Insufficient cpu. no new claims to deallocate, preemption: 0/2 nodes are available: ' +
      '2 Preemption is not helpful for scheduling.',
  },
];

for (const { name, pods, budgets = [], pod = high, result } of CASES) {
  test(`to make room goes ${name}`, () => {
    const world = worldOf({ nodes, pods });
    const before = world.cluster.nodes.map(({ requested }) => new Map(requested));
    const parts = { world, nominations: new Nominations(), budgets: () => budgets, random: () => 0, now: () => 0 };
    const decision = new Scheduling(parts).decide(podInfoOf(pod));
    assert.equal(decision.node, undefined);
    if (decision.node !== undefined) return;
    const { candidate, message } = decision;
    const victims = candidate?.victims.map((victim) => victim.pod.metadata.name);
    assert.equal(candidate ? `${candidate.node}: ${victims!.join(', ')}` : message, result);
    assert.deepEqual(
      world.cluster.nodes.map(({ requested }) => requested),
      before,
      'nothing is changed by it',
    );
  });
}
