import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newConflict } from 'nekube/apimachinery';
import { FakeClock } from 'nekube/client';
import { Controller, type ControllerOptions, type ControllerParts } from './controller.ts';
import { deferred } from './deferred.ts';
import type { ControllerMetrics } from './hooks.ts';
import { type Logger, silentLogger } from './log/logger.ts';
import type { RequestQueue } from './queue/work-queue.ts';
import { type ReconcileContext, type ReconcileResult, TerminalError } from './reconcile.ts';
import type { Source } from './source.ts';

/** What a controller did, and how it is told to do more. */
interface Fixture {
  readonly controller: Controller<string>;
  readonly clock: FakeClock;
  readonly queue: RequestQueue<string>;
  /** What its metrics and its log were told. */
  readonly told: string[];
  stop(): Promise<void>;
}

type Reconcile = (request: string, context: ReconcileContext) => Promise<ReconcileResult | undefined | void>;

/** Starts a controller of texts. */
async function started(
  reconcile: Reconcile,
  options: ControllerOptions = {},
  parts: Partial<ControllerParts<string>> = {},
): Promise<Fixture> {
  const clock = new FakeClock();
  const told: string[] = [];
  const controller = new Controller<string>({
    name: 'test',
    reconcile,
    textOf: (request) => request,
    options,
    clock,
    logger: tellingLogger(told),
    metrics: { queue: () => silentQueue, controller: () => tellingMetrics(told), leaderElection: () => assert.fail() },
    ...parts,
  });
  const abort = new AbortController();
  const ended = controller.start(abort.signal);
  await clock.advance(0);
  const stop = async (): Promise<void> => {
    abort.abort();
    await ended;
  };
  return { controller, clock, queue: controller.queue, told, stop };
}

const silentQueue = { added() {}, taken() {}, done() {}, retried() {}, observe() {} };

function tellingMetrics(told: string[]): ControllerMetrics {
  return {
    reconciled: (outcome) => told.push(outcome),
    failed: (kind) => told.push(kind),
    observe() {},
  };
}

function tellingLogger(told: string[]): Logger {
  const logger: Logger = {
    ...silentLogger,
    error: (error, message) => told.push(`${message}: ${error instanceof Error ? error.message : String(error)}`),
    info: (message) => {
      if (message.startsWith('Reconcile')) told.push(message);
    },
    with: () => logger,
    named: () => logger,
  };
  return logger;
}

test('so many requests are reconciled at once as it says, and never two of the same', async () => {
  const active: string[] = [];
  const most: number[] = [];
  const { queue, clock, stop } = await started(
    async (request) => {
      assert.ok(!active.includes(request));
      active.push(request);
      most.push(active.length);
      await new Promise<void>((resolve) => void clock.after(10, resolve));
      active.splice(active.indexOf(request), 1);
    },
    { maxConcurrentReconciles: 3 },
  );
  for (const request of ['a', 'b', 'a', 'c', 'd', 'e']) queue.add(request);
  await clock.advance(5);
  queue.add('a');
  await clock.advance(100);
  assert.equal(Math.max(...most), 3);
  assert.equal(most.length, 6);
  await stop();
});

test('what throws is tried again, later each time, and forgotten when it succeeds', async () => {
  const at: number[] = [];
  const { queue, clock, told, stop } = await started(async (_, { failures }) => {
    at.push(clock.elapsed());
    if (failures < 3) throw new Error('not yet');
  });
  queue.add('a');
  await clock.advance(100);
  assert.deepEqual(at, [0, 5, 15, 35]);
  queue.add('a');
  await clock.advance(1);
  assert.deepEqual(
    told.filter((line) => !line.startsWith('Reconcile')),
    ['error', 'error', 'error', 'success', 'error'],
  );
  await stop();
});

const endings: readonly {
  readonly name: string;
  readonly reconcile: Reconcile;
  readonly told: readonly string[];
  /** When it is reconciled, with the first time at 0. */
  readonly at: readonly number[];
}[] = [
  { name: 'nothing: it is done', reconcile: async () => {}, told: ['success'], at: [0] },
  {
    name: 'requeueAfterMs: it comes again then',
    reconcile: async () => ({ requeueAfterMs: 400 }),
    told: ['requeue_after', 'requeue_after', 'requeue_after'],
    at: [0, 400, 800],
  },
  {
    name: 'requeue: it comes again with backoff, and is no error',
    reconcile: async (_, { failures }) => ({ requeue: failures < 2 }),
    told: ['requeue', 'requeue', 'success'],
    at: [0, 5, 15],
  },
  {
    name: 'a TerminalError: it does not come again',
    reconcile: async () => Promise.reject(new TerminalError('never')),
    told: ['terminal', 'error', 'Reconcile failed for good: never'],
    at: [0],
  },
  {
    name: 'an error whose cause is a TerminalError: neither does it',
    reconcile: async () => Promise.reject(new Error('wrapped', { cause: new TerminalError('never') })),
    told: ['terminal', 'error', 'Reconcile failed for good: wrapped'],
    at: [0],
  },
  {
    name: 'something that is no error: it is a panic, and tried again',
    reconcile: async (_, { failures }) => {
      if (failures === 0) throw 'a text';
    },
    told: ['panic', 'error', 'Reconcile failed: a text', 'success'],
    at: [0, 5],
  },
  {
    name: 'a mistake of the program, thrown before anything is awaited: the same',
    reconcile: (_, { failures }) => {
      if (failures === 0) (undefined as unknown as { f(): void }).f();
      return Promise.resolve();
    },
    told: ['panic', 'error', "Reconcile failed: Cannot read properties of undefined (reading 'f')", 'success'],
    at: [0, 5],
  },
  {
    name: 'a conflict: it is tried again, and nothing is wrong in the log',
    reconcile: async (_, { failures }) => {
      if (failures === 0) throw newConflict({ group: '', resource: 'pods' }, 'a', 'it changed');
    },
    told: ['error', 'Reconcile met a conflict and is tried again', 'success'],
    at: [0, 5],
  },
];

for (const { name, reconcile, told: expected, at: times } of endings) {
  test(`a reconcile ends with ${name}`, async () => {
    const at: number[] = [];
    const { queue, clock, told, stop } = await started((request, context) => {
      at.push(clock.elapsed());
      return reconcile(request, context);
    });
    queue.add('a');
    await clock.advance(999);
    assert.deepEqual(at, times);
    assert.deepEqual(told, expected);
    await stop();
  });
}

test('a request that comes again keeps its priority, or has the one it is given', async () => {
  const seen: number[] = [];
  const { queue, clock, stop } = await started(async (_, { priority, failures }) => {
    seen.push(priority);
    if (failures === 0) throw new Error('again');
    if (seen.length === 2) return { requeueAfterMs: 1, priority: 9 };
    return undefined;
  });
  queue.add('a', { priority: -100 });
  await clock.advance(100);
  assert.deepEqual(seen, [-100, -100, 9, 9]);
  await stop();
});

test('a reconcile that takes too long is told so, and holds its request until it ends', async () => {
  let reason: unknown;
  const { queue, clock, told, stop } = await started(
    (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          clock.after(50, () => resolve());
        });
      }),
    { reconcileTimeoutMs: 100 },
  );
  queue.add('a');
  await clock.advance(100);
  assert.match(String(reason), /ReconcileTimeoutError: The reconcile has taken more than 100 ms/);
  assert.deepEqual(told, []);
  await clock.advance(50);
  assert.deepEqual(told, ['success', 'timeout']);
  await stop();
});

test('a stop aborts what goes on, waits for it, drops what waits, and logs no error', async () => {
  const begun: string[] = [];
  const { controller, queue, clock, told, stop } = await started(async (request, { signal }) => {
    begun.push(request);
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  queue.add('a');
  queue.add('b');
  await clock.advance(1);
  await stop();
  queue.add('c');
  assert.deepEqual(begun, ['a']);
  assert.deepEqual(told, []);
  assert.equal(controller.queue.isShuttingDown, true);
});

test('with a grace a reconcile may end before its signal is aborted', async () => {
  let aborted = false;
  const { queue, clock, told, stop } = await started(
    async (_, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      await new Promise<void>((resolve) => void clock.after(500, resolve));
    },
    { stopGraceMs: 1000 },
  );
  queue.add('a');
  await clock.advance(1);
  const stopped = stop();
  await clock.advance(600);
  await stopped;
  assert.equal(aborted, false);
  assert.deepEqual(told, ['success']);
});

test('sources start together, and work begins when all are in step', async () => {
  const gates = [deferred<void>(), deferred<void>()];
  const sources = gates.map(
    (gate, i): Source<string> => ({
      name: `source ${i}`,
      start: (queue) => {
        queue.add(`from ${i}`);
        return gate.promise;
      },
    }),
  );
  const seen: string[] = [];
  const { clock, stop } = await started(async (request) => void seen.push(request), {}, { sources });
  gates[0]!.resolve();
  await clock.advance(1);
  assert.deepEqual(seen, []);
  gates[1]!.resolve();
  await clock.advance(1);
  assert.deepEqual(seen, ['from 0', 'from 1']);
  await stop();
});

test('a source that is not in step in time is an error that says why', async () => {
  const clock = new FakeClock();
  const source: Source<string> = {
    name: 'Web.example.com/v1',
    start: () => new Promise(() => {}),
    lastError: new Error('no kind Web is served'),
  };
  const parts = { name: 'web', reconcile: async () => {}, textOf: String, sources: [source], clock };
  const controller = new Controller<string>(parts);
  const ended = controller.start(new AbortController().signal);
  const rejected = assert.rejects(
    ended,
    /Cannot start controller web: its source Web.example.com\/v1 is not in step after 120000 ms: no kind Web is served/,
  );
  await clock.advance(120_000);
  await rejected;
});

test('a controller that warms up has its requests before it starts, and works only then', async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const source: Source<string> = { name: 'source', start: async (queue) => queue.add('a') };
  const controller = new Controller<string>({
    name: 'test',
    reconcile: async (request) => void seen.push(request),
    textOf: String,
    sources: [source],
    options: { warmup: true },
    clock,
  });
  const abort = new AbortController();
  await controller.warmup!(abort.signal);
  await clock.advance(1);
  assert.deepEqual([controller.queue.length, seen], [1, []]);
  const ended = controller.start(abort.signal);
  await clock.advance(1);
  assert.deepEqual(seen, ['a']);
  abort.abort();
  await ended;
});

test('a source that is added while it works starts at once', async () => {
  const seen: string[] = [];
  const { controller, clock, stop } = await started(async (request) => void seen.push(request));
  await controller.watch({ name: 'late', start: async (queue) => queue.add('late') });
  await clock.advance(1);
  assert.deepEqual(seen, ['late']);
  await stop();
});

test('what runs around a reconcile knows what it is about', async () => {
  const seen: unknown[] = [];
  const { queue, clock, stop } = await started(
    async (_, { reconcileId }) => void seen.push(reconcileId),
    {},
    {
      around: async (info, reconcile) => {
        seen.push(info.controller, info.request, info.priority, info.reconcileId);
        return reconcile();
      },
    },
  );
  queue.add('a', { priority: 4 });
  await clock.advance(1);
  assert.deepEqual(seen.slice(0, 3), ['test', 'a', 4]);
  assert.equal(seen[3], seen[4]);
  await stop();
});
