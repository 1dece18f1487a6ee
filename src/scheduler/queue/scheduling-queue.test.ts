import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from 'nekube/client';
import type { Pod } from '../objects/pod.ts';
import type { ClusterEvent } from '../plugins/plugin.ts';
import { podOf } from '../testing/objects.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

const NODE_ADDED: ClusterEvent = { resource: 'Node', action: 'Add' };
const fit = new Set(['NodeResourcesFit']);

function setUp(parts: { readonly mayEnter?: (pod: Pod) => boolean } = {}) {
  const clock = new FakeClock();
  const queue = new SchedulingQueue({
    clock,
    mayEnter: parts.mayEnter ?? (() => true),
    isHelped: (_, plugins, event) => plugins.has('NodeResourcesFit') && event === NODE_ADDED,
    onReady: () => {},
  });
  return { clock, queue, next: () => queue.pop()?.pod.metadata.name };
}

test('the higher priority goes first, then who came first', async () => {
  const { queue, clock, next } = setUp();
  for (const [name, priority] of [
    ['a', 0],
    ['b', 5],
    ['c', 0],
    ['d', 5],
  ] as const) {
    queue.set(podOf(name, { priority }));
    await clock.advance(1);
  }
  assert.deepEqual([next(), next(), next(), next(), next()], ['b', 'd', 'a', 'c', undefined]);
});

test('a pod that does not fit waits until something helps its filters', () => {
  const { queue, next } = setUp();
  queue.set(podOf('a'));
  queue.putBack(queue.pop()!, fit);
  queue.move({ resource: 'AssignedPod', action: 'Delete' });
  assert.equal(next(), undefined);
  queue.move(NODE_ADDED);
  // nothing else is to do, so that nobody needs to wait
  assert.equal(next(), 'a');
});

test('a pod of which something went wrong waits longer each time', async () => {
  const { queue, clock, next } = setUp();
  queue.set(podOf('a'));
  const waits: number[] = [];
  for (let times = 0; times < 6; times++) {
    const queued = queue.pop()!;
    queue.putBack(queued, new Set());
    const since = clock.elapsed();
    for (;;) {
      await clock.advance(1000);
      queue.flush();
      if (queued.place === 'active') break;
      assert.equal(next(), undefined);
    }
    waits.push((clock.elapsed() - since) / 1000);
  }
  assert.deepEqual(waits, [2, 3, 5, 9, 11, 11]);
});

test('a pod that nothing helps is tried after five minutes anyway', async () => {
  const { queue, clock, next } = setUp();
  queue.set(podOf('a'));
  queue.putBack(queue.pop()!, fit);
  await clock.advance(299_000);
  queue.flush();
  assert.equal(next(), undefined);
  await clock.advance(2000);
  queue.flush();
  assert.equal(next(), 'a');
});

test('a pod that may not enter does when it is let in', () => {
  let isOpen = false;
  const { queue, next } = setUp({ mayEnter: () => isOpen });
  const pod = podOf('a');
  queue.set(pod);
  assert.equal(next(), undefined);
  isOpen = true;
  queue.unblock(pod.metadata.uid!, false);
  assert.equal(next(), 'a');
});

test('a pod that is deleted is gone, wherever it was', () => {
  const { queue, next } = setUp();
  const [active, waiting, taken] = [podOf('a'), podOf('b'), podOf('c')];
  queue.set(waiting);
  queue.putBack(queue.pop()!, fit);
  queue.set(taken);
  const queued = queue.pop()!;
  queue.set(active);
  for (const { metadata } of [active, waiting, taken]) queue.delete(metadata.uid!);
  queue.putBack(queued, fit);
  queue.move(NODE_ADDED);
  assert.equal(next(), undefined);
});
