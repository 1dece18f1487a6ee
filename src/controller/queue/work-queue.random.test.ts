import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from 'nekube/apimachinery';
import { FakeClock } from 'nekube/client';
import { WorkQueue } from './work-queue.ts';

const SEED = Number(process.env.NEKUBE_SEED ?? 1);
const ROUNDS = 300;
const STEPS = 120;

interface Modelled {
  readonly key: string;
  priority: number;
  order: number;
  readyAt: number;
}

/** What a queue should do, in so few lines that one sees it. */
class Model {
  now = 0;
  entries: Modelled[] = [];
  readonly processing = new Set<string>();
  #orders = 0;

  readonly priorities: boolean;

  constructor(priorities: boolean) {
    this.priorities = priorities;
  }

  add(key: string, afterMs: number, priority: number): void {
    const isMine = (one: Modelled): boolean => one.key === key && (this.priorities || one.readyAt > 0 === afterMs > 0);
    const old = this.entries.find(isMine);
    const readyAt = afterMs > 0 ? this.now + afterMs : 0;
    const counted = this.priorities ? priority : 0;
    if (old === undefined) return void this.entries.push({ key, priority: counted, order: this.#orders++, readyAt });
    old.readyAt = Math.min(old.readyAt, readyAt);
    if (counted > old.priority) Object.assign(old, { priority: counted, order: this.#orders++ });
  }

  tick(ms: number): void {
    this.now += ms;
    const due = this.entries.filter(({ readyAt }) => readyAt > 0 && readyAt <= this.now);
    due.sort((a, b) => a.readyAt - b.readyAt || b.priority - a.priority || a.order - b.order);
    for (const one of due) {
      if (this.entries.some(({ key, readyAt }) => key === one.key && readyAt === 0)) {
        this.entries = this.entries.filter((other) => other !== one);
      } else Object.assign(one, { readyAt: 0, order: this.#orders++ });
    }
  }

  take(): { item: string; priority: number } | undefined {
    const ready = this.entries.filter(({ key, readyAt }) => readyAt === 0 && !this.processing.has(key));
    const [next] = ready.sort((a, b) => b.priority - a.priority || a.order - b.order);
    if (next === undefined) return undefined;
    this.entries = this.entries.filter((other) => other !== next);
    this.processing.add(next.key);
    return { item: next.key, priority: next.priority };
  }

  done(key: string): void {
    this.processing.delete(key);
    const again = this.entries.find((one) => one.key === key && one.readyAt === 0);
    if (again && !this.priorities) again.order = this.#orders++;
  }
}

for (const priorities of [true, false]) {
  test(`whatever happens, a queue ${priorities ? 'with' : 'without'} priorities gives what the model gives`, () => {
    for (let round = 0; round < ROUNDS; round++) compare(SEED + round, priorities);
  });
}

function compare(seed: number, priorities: boolean): void {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const clock = new FakeClock();
  const queue = new WorkQueue<string>({ clock, priorities });
  const model = new Model(priorities);
  const history: string[] = [];
  const step = (): void => {
    const [kind, key, priority, ms] = [below(10), `key${below(5)}`, below(3) - 1, below(6)];
    history.push(`${kind} ${key} ${priority} ${ms}`);
    if (kind < 3) {
      queue.add(key, { priority });
      model.add(key, 0, priority);
    } else if (kind < 5) {
      queue.add(key, { priority, afterMs: ms });
      model.add(key, ms, priority);
    } else if (kind < 7) {
      assert.deepEqual(queue.take(), model.take());
    } else if (kind < 8 && model.processing.size > 0) {
      const worked = [...model.processing][below(model.processing.size)]!;
      queue.done(worked);
      model.done(worked);
    } else if (kind < 9) {
      clock.tick(ms);
      model.tick(ms);
    } else {
      clock.set(clock.now() + (random() - 0.5) * 7_200_000);
    }
  };
  try {
    for (let i = 0; i < STEPS; i++) step();
  } catch (error) {
    throw new Error(`NEKUBE_SEED=${seed}: ${history.join(', ')}`, { cause: error });
  }
}

test('among many workers no key is lost, and none is worked on twice at once', async () => {
  for (let round = 0; round < 20; round++) await race(SEED + round);
});

async function race(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const clock = new FakeClock();
  const queue = new WorkQueue<string>({ clock });
  const wanted = new Map<string, number>();
  const seen = new Map<string, number>();
  const active = new Set<string>();
  const pause = (): Promise<void> => new Promise((resolve) => void clock.after(Math.floor(random() * 20), resolve));
  const work = async (): Promise<void> => {
    for (let taken = await queue.get(); taken !== undefined; taken = await queue.get()) {
      const { item } = taken;
      assert.ok(!active.has(item), `NEKUBE_SEED=${seed}: two at ${item}`);
      active.add(item);
      seen.set(item, wanted.get(item)!);
      await pause();
      active.delete(item);
      if (random() < 0.2) queue.addRateLimited(item);
      else queue.forget(item);
      queue.done(item);
    }
  };
  const change = async (): Promise<void> => {
    for (let i = 0; i < 100; i++) {
      const key = `key${Math.floor(random() * 10)}`;
      wanted.set(key, i);
      queue.add(key, { afterMs: random() < 0.3 ? 5 : 0, priority: Math.floor(random() * 3) });
      await pause();
    }
  };
  const workers = Promise.all([work(), work(), work()]);
  let changed = false;
  void change().then(() => {
    changed = true;
  });
  while (!changed || clock.waiting > 0) await clock.advance(10);
  const drained = queue.shutDownWithDrain();
  await clock.advance(1000);
  await Promise.all([workers, drained]);
  assert.deepEqual(seen, wanted, `NEKUBE_SEED=${seed}: the newest was not seen`);
}
