import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { type KubeObject, newForbidden, newNotFound } from 'nekube/apimachinery';
import { type Client, FakeClock } from 'nekube/client';
import { EventRecorder } from './event-recorder.ts';

const GR = { group: 'events.k8s.io', resource: 'events' };
const web: KubeObject = {
  apiVersion: 'example.com/v1',
  kind: 'Web',
  metadata: { namespace: 'default', name: 'shop', uid: 'u1', resourceVersion: '7' },
};

/** A recorder, and what it wrote. `fail` may throw instead of a write. */
function newFixture(fail: (verb: string) => void = () => {}) {
  const clock = new FakeClock();
  const created: KubeObject[] = [];
  const patched: unknown[] = [];
  const client = {
    create: async (event: KubeObject) => {
      fail('create');
      created.push(event);
      return event;
    },
    patch: async (_kind: unknown, _key: unknown, patch: { merge: { series: unknown } }) => {
      fail('patch');
      patched.push(patch.merge.series);
    },
  } as unknown as Client;
  const recorder = new EventRecorder({ client, controller: 'web', instance: 'web-1', clock });
  return { clock, created, patched, recorder };
}

test('an event says what happened to what, and who says so', async () => {
  const { created, recorder } = newFixture();
  recorder.record(web, { reason: 'Created', action: 'Reconcile', note: 'made a page' });
  await recorder.flush();
  const { metadata, ...event } = created[0]!;
  assert.match(metadata.name ?? '', /^shop\.[0-9a-f]+$/);
  assert.equal(metadata.namespace, 'default');
  assert.deepEqual(event, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'web',
    reportingInstance: 'web-1',
    action: 'Reconcile',
    reason: 'Created',
    regarding: {
      apiVersion: 'example.com/v1',
      kind: 'Web',
      namespace: 'default',
      name: 'shop',
      uid: 'u1',
      resourceVersion: '7',
    },
    note: 'made a page',
    type: 'Normal',
  });
});

test('the same again becomes a series, which is written at its second time and when it is flushed', async () => {
  const { created, patched, clock, recorder } = newFixture();
  for (let i = 0; i < 5; i++) {
    recorder.record(
      { ...web, metadata: { ...web.metadata, resourceVersion: `${i}` } },
      { reason: 'Failed', note: `${i}` },
    );
    await clock.advance(1000);
  }
  assert.equal(created.length, 1);
  assert.deepEqual(patched, [{ count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' }]);
  await recorder.flush();
  assert.deepEqual(patched[1], { count: 5, lastObservedTime: '2026-01-01T00:00:04.000000Z' });
});

test('a series that is over is written, and the next one is a new event', async () => {
  const { created, patched, clock, recorder } = newFixture();
  const abort = new AbortController();
  recorder.run(abort.signal);
  for (let i = 0; i < 3; i++) recorder.record(web, { reason: 'Failed', note: '' });
  await clock.advance(6 * 60_000);
  assert.deepEqual(patched.at(-1), { count: 3, lastObservedTime: '2026-01-01T00:00:00.000000Z' });
  recorder.record(web, { reason: 'Failed', note: '' });
  await recorder.flush();
  assert.equal(created.length, 2);
  abort.abort();
  assert.equal(clock.waiting, 0);
});

test('a series whose event is gone is created anew', async () => {
  const { created, recorder } = newFixture((verb) => {
    if (verb === 'patch') throw newNotFound(GR, 'shop.1');
  });
  recorder.record(web, { reason: 'Failed', note: '' });
  await recorder.flush();
  recorder.record(web, { reason: 'Failed', note: '' });
  await recorder.flush();
  assert.equal(created.length, 2);
  assert.equal(created[1]?.series.count, 2);
});

test('of one object 25 different events are told, then one in five minutes', async () => {
  const { created, clock, recorder } = newFixture();
  for (let i = 0; i < 40; i++) recorder.record(web, { reason: `Reason${i}`, note: '' });
  await recorder.flush();
  assert.equal(created.length, 25);
  await clock.advance(300_000);
  for (let i = 0; i < 2; i++) recorder.record(web, { reason: `Later${i}`, note: '' });
  await recorder.flush();
  assert.equal(created.length, 26);
});

test('what the server refuses is dropped, and what does not reach it is tried again', async () => {
  const refusing = newFixture(() => {
    throw newForbidden(GR, '', 'no');
  });
  refusing.recorder.record(web, { reason: 'Failed', note: '' });
  await refusing.recorder.flush();
  let tries = 0;
  const broken = newFixture(() => {
    if (++tries < 3) throw new TypeError('fetch failed');
  });
  broken.recorder.record(web, { reason: 'Failed', note: '' });
  await broken.clock.advance(30_000);
  assert.equal(broken.created.length, 1);
  assert.equal(tries, 3);
});

test('what is not written when the recorder is stopped is given up, and nothing waits any more', async () => {
  let tries = 0;
  const { clock, recorder } = newFixture(() => {
    tries++;
    throw new TypeError('fetch failed');
  });
  const stop = new AbortController();
  recorder.run(stop.signal);
  for (const reason of ['One', 'Two', 'Three']) recorder.record(web, { reason, note: '' });
  await clock.advance(0);
  assert.equal(tries, 1);
  stop.abort();
  await recorder.flush();
  assert.deepEqual([tries, clock.waiting], [1, 0]);
});

test('a recorder that runs for long listens to its signal once', async () => {
  const { clock, recorder } = newFixture();
  const stop = new AbortController();
  recorder.run(stop.signal);
  for (let i = 0; i < 5; i++) await clock.advance(6 * 60_000);
  assert.equal(getEventListeners(stop.signal, 'abort').length, 1);
});

test('a name that no event may have is not used, and a long note is cut between characters', async () => {
  const { created, recorder } = newFixture();
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'system:node' } };
  recorder.record(role, { reason: 'Told', note: 'ü'.repeat(600), type: 'Warning' });
  await recorder.flush();
  assert.match(created[0]?.metadata.name ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(created[0]?.metadata.namespace, 'default');
  assert.equal(created[0]?.note, `${'ü'.repeat(510)}…`);
});
