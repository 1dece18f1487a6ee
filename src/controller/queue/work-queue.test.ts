import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from 'nekube/client';
import type { QueueState } from '../hooks.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

/** A queue of texts with a clock of its own. */
function newQueue(options: WorkQueueOptions<string> = {}): { queue: WorkQueue<string>; clock: FakeClock } {
  const clock = new FakeClock();
  return { clock, queue: new WorkQueue<string>({ clock, ...options }) };
}

/** Takes all that there is. */
function takeAll(queue: WorkQueue<string>): string[] {
  const taken: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) taken.push(next.item);
  return taken;
}

for (const priorities of [true, false]) {
  const kind = priorities ? 'a queue with priorities' : "client-go's queue";

  test(`${kind} gives what came first, each once`, () => {
    const { queue } = newQueue({ priorities });
    for (const item of ['a', 'b', 'a', 'c', 'b']) queue.add(item);
    assert.deepEqual(takeAll(queue), ['a', 'b', 'c']);
  });

  test(`${kind} gives a key that was added while it was worked on again, after done`, () => {
    const { queue } = newQueue({ priorities });
    queue.add('a');
    assert.equal(queue.take()?.item, 'a');
    queue.add('a');
    queue.add('a');
    assert.equal(queue.take(), undefined);
    queue.done('a');
    assert.deepEqual(takeAll(queue), ['a']);
    queue.done('a');
    assert.deepEqual(takeAll(queue), []);
  });

  test(`${kind} keeps the shorter of two waits`, () => {
    const { queue, clock } = newQueue({ priorities });
    queue.addAfter('a', 1000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 800);
    clock.tick(499);
    assert.deepEqual(takeAll(queue), []);
    clock.tick(1);
    assert.deepEqual(takeAll(queue), ['a']);
    queue.done('a');
    clock.tick(1000);
    assert.deepEqual(takeAll(queue), []);
  });

  test(`${kind} waits for the worker of a key whose wait is over`, () => {
    const { queue, clock } = newQueue({ priorities });
    queue.add('a');
    queue.take();
    queue.addAfter('a', 10);
    clock.tick(10);
    assert.equal(queue.take(), undefined);
    queue.done('a');
    assert.deepEqual(takeAll(queue), ['a']);
  });

  test(`${kind} waits as long as it was told, whatever becomes of the time of day`, () => {
    const { queue, clock } = newQueue({ priorities });
    queue.addAfter('a', 1000);
    clock.set(clock.now() - 3_600_000);
    clock.tick(999);
    assert.deepEqual(takeAll(queue), []);
    clock.set(clock.now() + 7_200_000);
    queue.addAfter('b', 1000);
    clock.tick(1);
    assert.deepEqual(takeAll(queue), ['a']);
    clock.tick(999);
    assert.deepEqual(takeAll(queue), ['b']);
  });

  test(`${kind} counts failures until it is told to forget, and waits longer for each`, () => {
    const { queue, clock } = newQueue({ priorities });
    for (const ms of [5, 10, 20]) {
      queue.addRateLimited('a');
      clock.tick(ms - 1);
      assert.deepEqual(takeAll(queue), []);
      clock.tick(1);
      assert.deepEqual(takeAll(queue), ['a']);
      queue.done('a');
    }
    assert.equal(queue.numRequeues('a'), 3);
    queue.forget('a');
    assert.equal(queue.numRequeues('a'), 0);
  });

  test(`${kind} hands a key to the worker that has waited longest`, async () => {
    const { queue } = newQueue({ priorities });
    const [first, second] = [queue.get(), queue.get()];
    queue.add('a');
    queue.add('b');
    assert.deepEqual([(await first)?.item, (await second)?.item], ['a', 'b']);
  });

  test(`${kind} that shuts down takes nothing more in, gives what is left, and wakes those who wait`, async () => {
    const { queue, clock } = newQueue({ priorities });
    const waiting = queue.get();
    queue.add('taken');
    await waiting;
    queue.addAfter('later', 10);
    const idle = queue.get();
    queue.shutDown();
    queue.add('late');
    clock.tick(100);
    assert.equal(await idle, undefined);
    assert.equal(await queue.get(), undefined);
    assert.equal(clock.waiting, 0);
  });

  test(`${kind} that drains ends when all is done`, async () => {
    const { queue } = newQueue({ priorities });
    queue.add('a');
    queue.add('b');
    queue.take();
    let ended = false;
    const drained = queue.shutDownWithDrain().then(() => {
      ended = true;
    });
    queue.done('a');
    await Promise.resolve();
    assert.equal(ended, false);
    assert.deepEqual(takeAll(queue), ['b']);
    queue.done('b');
    await drained;
  });

  test(`${kind} stops draining when it is shut down`, async () => {
    const { queue } = newQueue({ priorities });
    queue.add('a');
    queue.take();
    const drained = queue.shutDownWithDrain();
    queue.shutDown();
    await drained;
  });
}

test('the higher priority comes first, and among equals what came first', () => {
  const { queue } = newQueue();
  queue.add('low', { priority: -100 });
  queue.add('a');
  queue.add('high', { priority: 10 });
  queue.add('b');
  assert.deepEqual(takeAll(queue), ['high', 'a', 'b', 'low']);
});

test('a key that is added again keeps the higher priority, and goes behind those that have it already', () => {
  const { queue } = newQueue();
  queue.add('a', { priority: -100 });
  queue.add('b');
  queue.add('a');
  queue.add('b', { priority: -100 });
  assert.deepEqual(
    [queue.take(), queue.take()],
    [
      { item: 'b', priority: 0 },
      { item: 'a', priority: 0 },
    ],
  );
});

test('a key that waits and is added now comes once, with the higher priority of both', () => {
  const { queue, clock } = newQueue();
  queue.add('a', { afterMs: 1000, priority: 5 });
  queue.add('b', { priority: 1 });
  queue.add('a');
  assert.deepEqual(queue.take(), { item: 'a', priority: 5 });
  queue.done('a');
  clock.tick(1000);
  assert.deepEqual(takeAll(queue), ['b']);
});

test("in client-go's queue a key that waits and is added now comes twice", () => {
  const { queue, clock } = newQueue({ priorities: false });
  queue.addAfter('a', 1000);
  queue.add('a', { priority: 7 });
  assert.deepEqual(queue.take(), { item: 'a', priority: 0 });
  queue.done('a');
  clock.tick(1000);
  assert.deepEqual(takeAll(queue), ['a']);
});

test("in client-go's queue a key that was added while it was worked on goes to the end", () => {
  const { queue } = newQueue({ priorities: false });
  queue.add('a');
  queue.take();
  queue.add('a');
  queue.add('b');
  queue.done('a');
  assert.deepEqual(takeAll(queue), ['b', 'a']);
});

test('keys whose waits end are taken in the order of their ends', () => {
  const { queue, clock } = newQueue();
  queue.addAfter('c', 30);
  queue.addAfter('a', 10);
  queue.addAfter('b', 20);
  clock.tick(30);
  assert.deepEqual(takeAll(queue), ['a', 'b', 'c']);
});

test('of a wait and the rate limit the shorter counts', () => {
  const { queue, clock } = newQueue();
  queue.add('a', { afterMs: 1000, rateLimited: true });
  clock.tick(5);
  assert.deepEqual(takeAll(queue), ['a']);
});

test('items are the same when their keys are', () => {
  const queue = new WorkQueue<{ readonly name: string }>({ keyOf: ({ name }) => name });
  queue.add({ name: 'a' });
  queue.add({ name: 'a' });
  assert.equal(queue.length, 1);
  assert.equal(queue.take()?.item.name, 'a');
  queue.add({ name: 'a' });
  assert.equal(queue.length, 0);
  queue.done({ name: 'a' });
  assert.equal(queue.length, 1);
});

test('a queue that drops what is left gives nothing more', async () => {
  const { queue } = newQueue();
  queue.add('a');
  queue.add('b');
  queue.take();
  queue.shutDown({ drop: true });
  assert.equal(await queue.get(), undefined);
});

test('a queue tells what happens in it', () => {
  const told: string[] = [];
  let state = (): QueueState => assert.fail('nobody was told how to ask');
  const { queue, clock } = newQueue({
    metrics: {
      added: (priority) => told.push(`added ${priority}`),
      taken: (ms) => told.push(`taken after ${ms}`),
      done: (ms) => told.push(`done after ${ms}`),
      retried: () => told.push('retried'),
      observe: (ask) => {
        state = ask;
      },
    },
  });
  queue.add('a', { priority: 3 });
  queue.add('a');
  clock.tick(7);
  queue.take();
  queue.add('a');
  queue.addAfter('b', 10);
  clock.tick(15);
  queue.take();
  clock.tick(5);
  assert.deepEqual(state(), { depths: new Map([[0, 1]]), unfinishedMs: 25, longestRunningMs: 20 });
  queue.done('a');
  assert.deepEqual(told, [
    'added 3',
    'taken after 7',
    'added 0',
    'retried',
    'added 0',
    'taken after 5',
    'done after 20',
  ]);
});
