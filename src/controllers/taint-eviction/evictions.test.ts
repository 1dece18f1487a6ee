import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { FakeClock } from 'nekube/client';
import type { CoreEventRecorder, Logger } from 'nekube/controller';
import { objectClient } from '../testing/object-client.ts';
import { Evictions } from './evictions.ts';

const KEY = { namespace: 'ns', name: 'p' };
const POD: KubeObject = { metadata: { ...KEY, uid: 'u', generation: 2 }, status: { conditions: [{ type: 'Ready' }] } };
const plan = (dueAt: number) => ({ decidedAt: 0, dueAt });

/** Evictions of a pod, with what they write and tell. */
function world(pods: readonly KubeObject[] = [POD], refusals = 0) {
  const clock = new FakeClock();
  let left = refusals;
  const refuse = (line: string): Error | undefined =>
    line.startsWith('delete') && left-- > 0 ? new Error('not now') : undefined;
  const { client, writes } = objectClient(pods, refuse);
  const told: string[] = [];
  const failed: string[] = [];
  const events = { record: (_: unknown, __: unknown, ___: unknown, message: string) => void told.push(message) };
  const log = { error: (error: Error) => void failed.push(error.message) };
  const parts = { client, clock, events: events as unknown as CoreEventRecorder, log: log as unknown as Logger };
  const verbs = (): string[] => writes.map((line) => line.split(' ')[0]!);
  return { evictions: new Evictions(parts), clock, writes, verbs, told, failed };
}

test('a pod leaves at its time, and says before why', async () => {
  const { evictions, clock, verbs, writes, told } = world();
  evictions.plan(KEY, plan(5000));
  await clock.advance(4999);
  assert.deepEqual([verbs(), evictions.planOf(KEY)?.dueAt], [[], 5000]);
  await clock.advance(1);
  assert.deepEqual(verbs(), ['patch', 'delete']);
  assert.match(writes[0]!, /"setElementOrder\/conditions|"type":"DisruptionTarget","status":"True"/);
  assert.match(writes[0]!, /"observedGeneration":2,"lastTransitionTime":"2026-01-01T00:00:05Z","lastProbeTime":null/);
  assert.deepEqual(told, ['Marking for deletion Pod ns/p']);
  assert.equal(evictions.planOf(KEY), undefined);
});

test('one that says so already is deleted only, and one that leaves at once has no plan', async () => {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const { evictions, clock, verbs } = world([{ ...POD, status: { conditions: [condition] } }]);
  evictions.plan(KEY, plan(0));
  assert.equal(evictions.planOf(KEY), undefined);
  await clock.advance(0);
  assert.deepEqual(verbs(), ['delete']);
});

test('a plan that is called off is told of, and another can be made; one that there is not is nothing', async () => {
  const { evictions, clock, verbs, told } = world();
  evictions.cancel(KEY);
  evictions.plan(KEY, plan(1000));
  evictions.plan(KEY, plan(9000));
  assert.equal(evictions.planOf(KEY)?.dueAt, 1000);
  evictions.cancel(KEY);
  await clock.advance(1000);
  assert.deepEqual([verbs(), told], [[], ['Cancelling deletion of Pod ns/p']]);
  evictions.plan(KEY, plan(1000));
  await clock.advance(1000);
  assert.deepEqual(verbs(), ['patch', 'delete']);
});

test('a pod that has left can be planned for again, when there is another of its name', async () => {
  const { evictions, clock, told } = world();
  evictions.plan(KEY, plan(1));
  await clock.advance(1);
  evictions.plan(KEY, plan(7));
  assert.equal(evictions.planOf(KEY)?.dueAt, 7);
  assert.equal(told.length, 1);
});

test('what fails is tried five times, and then told', async () => {
  const often = world([POD], 4);
  often.evictions.plan(KEY, plan(0));
  await often.clock.advance(1000);
  assert.deepEqual([often.verbs().filter((verb) => verb === 'delete').length, often.failed], [5, []]);
  const always = world([POD], 99);
  always.evictions.plan(KEY, plan(0));
  await always.clock.advance(1000);
  assert.deepEqual([always.verbs().filter((verb) => verb === 'delete').length, always.failed], [5, ['not now']]);
});

test('a pod that is gone needs nothing', async () => {
  const { evictions, clock, verbs, failed } = world([]);
  evictions.plan(KEY, plan(0));
  await clock.advance(1000);
  assert.deepEqual([verbs(), failed], [[], []]);
});

test('at the end all plans are forgotten', async () => {
  const { evictions, clock, verbs, told } = world();
  evictions.plan(KEY, plan(1000));
  evictions.end();
  await clock.advance(1000);
  assert.deepEqual([verbs(), told, evictions.planOf(KEY)], [[], [], undefined]);
});
