import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LevelConfig, PriorityLevel, type Rejection, type Seat } from './priority-level.ts';

const QUEUING = { queues: 16, handSize: 2, queueLengthLimit: 3 };
const LIMITED: LevelConfig = { exempt: false, nominal: 2, lendable: 0, borrowable: 0, queuing: QUEUING };

/** Levels that lend to each other, by name. */
function levelsOf(configs: Readonly<Record<string, Partial<LevelConfig>>>): Map<string, PriorityLevel> {
  const levels = new Map<string, PriorityLevel>();
  for (const [name, config] of Object.entries(configs))
    levels.set(name, new PriorityLevel(name, { ...LIMITED, ...config }, () => levels.values()));
  return levels;
}

/** Asks for a seat in the queues of a flow; what came of it is in `result` as soon as it is known. */
class Asking {
  result: Seat | Rejection | undefined;
  readonly abort = new AbortController();

  constructor(level: PriorityLevel, hand: readonly number[], waitMs = 60_000) {
    const taken = level.take({ hand: () => hand, waitMs, asker: this.abort });
    if (taken instanceof Promise) void taken.then((result) => (this.result = result));
    else this.result = taken;
  }

  get seated(): boolean {
    return typeof this.result === 'object';
  }

  release(): void {
    (this.result as Seat).release();
  }
}

/** All promises that are settled have told it. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function one(config: Partial<LevelConfig> = {}): PriorityLevel {
  return levelsOf({ one: config }).get('one')!;
}

test('there are as many seats as its share, and a released one is given to who waits', async () => {
  const level = one();
  const [first, second, third] = [0, 1, 2].map((queue) => new Asking(level, [queue])) as [Asking, Asking, Asking];
  assert.deepEqual(
    [first.seated, second.seated, third.result, level.executing, level.waiting],
    [true, true, undefined, 2, 1],
  );
  first.release();
  first.release();
  await settled();
  assert.deepEqual([third.seated, level.executing, level.waiting], [true, 2, 0]);
});

test('an exempt level seats everybody', () => {
  const level = one({ exempt: true, nominal: 0 });
  const all = Array.from({ length: 100 }, () => new Asking(level, [0]));
  assert.ok(all.every(({ seated }) => seated));
});

test('a level without queues rejects', () => {
  const { queuing: _queuing, ...rest } = LIMITED;
  const level = new PriorityLevel('one', rest, () => []);
  const all = [0, 1, 2].map((queue) => new Asking(level, [queue]));
  assert.deepEqual(
    all.map(({ result }) => (typeof result === 'string' ? result : 'seat')),
    ['seat', 'seat', 'concurrency-limit'],
  );
});

test('a flow whose queues are full is rejected, and no other', async () => {
  const level = one();
  const elephant = Array.from({ length: 9 }, () => new Asking(level, [3, 4]));
  assert.deepEqual(
    elephant.map(({ result }) => result).filter((result) => typeof result === 'string'),
    ['queue-full'],
  );
  const mouse = new Asking(level, [4, 5]);
  assert.equal(mouse.result, undefined);
  assert.equal(level.waiting, 7);
});

test('who asks more gets no more: a flow that is alone in its queue waits for one request of each other queue at most', async () => {
  const level = one({ queuing: { ...QUEUING, queueLengthLimit: 1000 } });
  const elephant = Array.from({ length: 500 }, () => new Asking(level, [0, 1]));
  const mouse = new Asking(level, [2, 3]);
  let released = 0;
  for (const request of elephant) {
    if (mouse.seated) break;
    request.release();
    released++;
    await settled();
  }
  assert.ok(mouse.seated);
  assert.ok(released <= 3, `${released} requests of the other flow were served before`);
});

test('two flows that always wait get seats in turn', async () => {
  const level = one({ nominal: 1, queuing: { ...QUEUING, queueLengthLimit: 1000 } });
  const held = new Asking(level, [9]);
  const flows = [0, 1].map((queue) => Array.from({ length: queue === 0 ? 40 : 10 }, () => new Asking(level, [queue])));
  let current = held;
  const order: number[] = [];
  for (let i = 0; i < 20; i++) {
    current.release();
    await settled();
    const flow = flows.findIndex((list) => list[0]?.seated);
    order.push(flow);
    current = flows[flow]!.shift()!;
  }
  assert.equal(order.filter((flow) => flow === 1).length, 10);
});

test('who goes away or waits too long leaves the queue', async () => {
  const level = one({ nominal: 0 });
  const alone = new Asking(level, [0]);
  assert.ok(alone.seated, 'one request is served even so');
  const [gone, late] = [new Asking(level, [0]), new Asking(level, [0], 0)];
  gone.abort.abort();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await settled();
  assert.deepEqual([gone.result, late.result, level.waiting], ['cancelled', 'time-out', 0]);
});

test('seats that a level does not need are lent, as many as it says, and come back', async () => {
  const levels = levelsOf({ poor: { nominal: 1, borrowable: 5 }, rich: { nominal: 4, lendable: 3 } });
  const [poor, rich] = [levels.get('poor')!, levels.get('rich')!];
  const borrowing = [0, 1, 2, 3, 4].map((queue) => new Asking(poor, [queue]));
  assert.deepEqual(
    borrowing.map(({ seated }) => seated),
    [true, true, true, true, false],
  );
  const owner = [0, 1].map((queue) => new Asking(rich, [queue]));
  assert.deepEqual(
    owner.map(({ seated }) => seated),
    [true, false],
  );
  borrowing[1]!.release();
  await settled();
  assert.deepEqual([owner[1]!.seated, borrowing[4]!.seated], [true, false]);
});

test('a level may borrow no more than it says', () => {
  const levels = levelsOf({ poor: { nominal: 1, borrowable: 1 }, rich: { nominal: 4, lendable: 4 } });
  const all = [0, 1, 2].map((queue) => new Asking(levels.get('poor')!, [queue]));
  assert.deepEqual(
    all.map(({ seated }) => seated),
    [true, true, false],
  );
});

test('when a level grows, who waits is seated', async () => {
  const level = one();
  const all = [0, 1, 2].map((queue) => new Asking(level, [queue]));
  level.config = { ...LIMITED, nominal: 3 };
  await settled();
  assert.ok(all.every(({ seated }) => seated));
});
