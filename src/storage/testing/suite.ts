import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ClosedError, CompactedError, FutureRevisionError } from '../errors.ts';
import {
  type Awaitable,
  type Entry,
  MOST_AT_ONCE,
  type Storage,
  type StorageOptions,
  type WriteResult,
} from '../storage.ts';
import { bytes, FakeClock, line, record, text, turns } from './fixtures.ts';
import { runModel } from './model.ts';

/** Opens an empty store and closes it, and what it lies on, after `use`. */
export type WithStorage = (use: (storage: Storage) => Promise<void>, options?: StorageOptions) => Promise<void>;

/** Which store it is. */
export interface SuiteOptions {
  /**
   * The store is another process: writes that are submitted together get their revisions in any order, and versions
   * are shared by what reads them, but not with who wrote them. The clock that runs is its own.
   */
  readonly remote?: boolean;
  /** Why nothing can be tested here. */
  readonly skip?: string;
  /** How many random operations; default 2000. */
  readonly steps?: number;
}

const skipped = ((name: string) => test(name, { skip: 'only of stores in this process' }, () => {})) as typeof test;

/** The behaviour that every store has. */
export function describeStorage(name: string, withStorage: WithStorage, options: SuiteOptions = {}): void {
  const local = options.remote ? skipped : test;
  describe(`${name} storage`, { skip: options.skip ?? false }, () => {
    describeReads(withStorage, local);
    describeWrites(withStorage, local);
    describeWatches(withStorage, local);
    describeCompaction(withStorage);
    if (!options.remote) describeExpiry(withStorage);
    describeClosing(withStorage);
    describeRandom(withStorage, options);
  });
}

function describeReads(withStorage: WithStorage, local: typeof test): void {
  test('an empty store is at revision 1 and has nothing', () =>
    withStorage(async (storage) => {
      assert.equal(storage.revision, 1);
      assert.equal(storage.compactedRevision, 0);
      assert.equal(await storage.get('/a'), undefined);
      assert.deepEqual(await storage.range(''), { entries: [], revision: 1, more: false, remaining: 0 });
    }));

  test('every write gets the next revision', () =>
    withStorage(async (storage) => {
      assert.equal(await put(storage, '/a', '1'), 2);
      assert.equal(await put(storage, '/b', '1'), 3);
      assert.equal(await remove(storage, '/a'), 4);
      assert.equal(storage.revision, 4);
    }));

  test('a version names the revision that made the key and the one that made it', () =>
    withStorage(async (storage) => {
      await put(storage, '/a', '1');
      await put(storage, '/a', '2');
      assert.deepEqual(await revisions(storage, '/a'), { createRevision: 2, modRevision: 3 });
      await remove(storage, '/a');
      await put(storage, '/a', '3');
      assert.deepEqual(await revisions(storage, '/a'), { createRevision: 5, modRevision: 5 });
    }));

  test('a key can be read as of any revision', () =>
    withStorage(async (storage) => {
      await put(storage, '/a', '1');
      await put(storage, '/a', '2');
      await remove(storage, '/a');
      await put(storage, '/a', '3');
      const values = await Promise.all(
        [1, 2, 3, 4, 5].map(async (revision) => (await storage.get('/a', { revision }))?.value),
      );
      assert.deepEqual(
        values.map((value) => value && text(value)),
        [undefined, '1', '2', undefined, '3'],
      );
    }));

  test('a range has the keys of the prefix in order, however many', () =>
    withStorage(async (storage) => {
      const names = Array.from({ length: 1500 }, (_, i) => `/n/${(i * 7919) % 1500}`);
      await Promise.all(['/m/x', ...names, '/n', '/o'].map((key) => put(storage, key, key)));
      const keys = (await storage.range('/n/')).entries.map(({ key }) => key);
      assert.deepEqual(keys, [...names].sort());
    }));

  test('a range is read in pages, all as of the first one', () =>
    withStorage(async (storage) => {
      for (const key of ['/a', '/b', '/c', '/d', '/e']) await put(storage, key, 'old');
      const first = await storage.range('/', { limit: 2 });
      assert.deepEqual([first.more, first.remaining, first.revision], [true, 3, 6]);
      await remove(storage, '/c');
      await put(storage, '/d', 'new');
      await put(storage, '/f', 'new');
      const second = await storage.range('/', { after: '/b', limit: 2, revision: 6 });
      assert.deepEqual(shown(second.entries), ['/c=old', '/d=old']);
      assert.deepEqual([second.more, second.remaining], [true, 1]);
      const third = await storage.range('/', { after: '/d', limit: 2, revision: 6 });
      assert.deepEqual(shown(third.entries), ['/e=old']);
      assert.equal(third.more, false);
      assert.deepEqual(shown((await storage.range('/')).entries), ['/a=old', '/b=old', '/d=new', '/e=old', '/f=new']);
    }));

  test('a range goes on after a key that does not exist any more', () =>
    withStorage(async (storage) => {
      for (const key of ['/a', '/b', '/c']) await put(storage, key, '1');
      assert.deepEqual(shown((await storage.range('/', { after: '/a/x' })).entries), ['/b=1', '/c=1']);
      assert.deepEqual(shown((await storage.range('/b', { after: '/a' })).entries), ['/b=1']);
      assert.deepEqual(shown((await storage.range('/b', { after: '/c' })).entries), []);
    }));

  local('a version is the same object wherever it is read, and its bytes are not copied', () =>
    withStorage(async (storage) => {
      const value = bytes('1');
      const watched = record(storage, '/', 1);
      const written = await storage.write({ key: '/a', value });
      await turns();
      const entry = (await storage.get('/a'))!;
      assert.equal(entry.value, value);
      assert.equal(await storage.head('/a'), entry);
      assert.equal((await storage.range('/')).entries[0], entry);
      assert.equal(written.ok && written.entry, entry);
      assert.equal(watched.events[0]!.entry, entry);
    }),
  );

  test('a revision that does not exist yet cannot be read', () =>
    withStorage(async (storage) => {
      await assert.rejects(async () => storage.get('/a', { revision: 2 }), FutureRevisionError);
      await assert.rejects(async () => storage.range('/', { revision: 2 }), FutureRevisionError);
    }));
}

function describeWrites(withStorage: WithStorage, local: typeof test): void {
  const rows: readonly [what: string, expect: number, key: string, ok: boolean][] = [
    ['that must not exist and does not', 0, '/new', true],
    ['that must not exist and does', 0, '/a', false],
    ['at the expected version', 3, '/a', true],
    ['at another version', 2, '/a', false],
    ['that must exist and does not', 3, '/new', false],
  ];
  for (const [what, expect, key, ok] of rows) {
    test(`a key ${what} is ${ok ? '' : 'not '}written`, () =>
      withStorage(async (storage) => {
        await put(storage, '/a', '1');
        await put(storage, '/a', '2');
        const result = await storage.write({ key, value: bytes('3'), expect });
        assert.equal(result.ok, ok);
        assert.equal(storage.revision, ok ? 4 : 3);
        if (!result.ok) assert.equal(result.current, await storage.get(key));
      }));
  }

  test('deleting what does not exist is refused and takes no revision', () =>
    withStorage(async (storage) => {
      assert.deepEqual(await storage.write({ key: '/a', value: null }), { ok: false, current: undefined });
      assert.equal(storage.revision, 1);
    }));

  test('a deletion tells what it deleted', () =>
    withStorage(async (storage) => {
      await put(storage, '/a', '1');
      const result = await storage.write({ key: '/a', value: null, expect: 2 });
      assert.equal(result.ok && text(result.previous!.value), '1');
    }));

  test('of writers that expect the same version one wins', () =>
    withStorage(async (storage) => {
      await put(storage, '/a', '0');
      const writes = Array.from({ length: 20 }, (_, i) =>
        storage.write({ key: '/a', value: bytes(`${i}`), expect: 2 }),
      );
      const won = (await Promise.all(writes)).filter((result) => result.ok);
      assert.equal(won.length, 1);
      assert.equal(storage.revision, 3);
    }));

  test('keys that are made at once are there, in one piece for who watches', () =>
    withStorage(async (storage) => {
      const watched = record(storage, '/', 1);
      const keys = Array.from({ length: MOST_AT_ONCE }, (_, i) => `/a/${String(i).padStart(3, '0')}`);
      assert.equal(await storage.createAll(keys.map((key) => ({ key, value: bytes(key) }))), true);
      assert.deepEqual(
        shown((await storage.range('/a/')).entries),
        keys.map((key) => `${key}=${key}`),
      );
      for (const entry of (await storage.range('/a/')).entries) assert.equal(entry.createRevision, entry.modRevision);
      await turns();
      assert.deepEqual(
        watched.batches.map((batch) => batch.length),
        [keys.length],
      );
      assert.equal(watched.watch.revision, storage.revision);
      const late = record(storage, '/a/', 1);
      assert.equal(await put(storage, '/b', '1'), storage.revision);
      await turns();
      assert.deepEqual(late.events.map(line), watched.events.slice(0, -1).map(line));
    }));

  test('of keys that are made at once none is made if one exists', () =>
    withStorage(async (storage) => {
      await put(storage, '/b', '1');
      const entries = ['/a', '/b', '/c'].map((key) => ({ key, value: bytes('2') }));
      assert.equal(await storage.createAll(entries), false);
      assert.equal(storage.revision, 2);
      assert.deepEqual(shown((await storage.range('/')).entries), ['/b=1']);
      await remove(storage, '/b');
      assert.equal(await storage.createAll(entries), true);
      assert.deepEqual(shown((await storage.range('/')).entries), ['/a=2', '/b=2', '/c=2']);
    }));

  test('of those who make the same keys at once one succeeds', () =>
    withStorage(async (storage) => {
      const makers = Array.from({ length: 10 }, (_, i) =>
        storage.createAll(['/a', `/b/${i}`].map((key) => ({ key, value: bytes(`${i}`) }))),
      );
      assert.equal((await Promise.all(makers)).filter(Boolean).length, 1);
      assert.equal((await storage.range('/')).entries.length, 2);
    }));

  test('no keys are made at once without a revision; too many, and one twice, are refused', () =>
    withStorage(async (storage) => {
      assert.equal(await storage.createAll([]), true);
      const entry = { key: '/a', value: bytes('1') };
      await assert.rejects(storage.createAll([entry, entry]), RangeError);
      const many = Array.from({ length: MOST_AT_ONCE + 1 }, (_, i) => ({ key: `/${i}`, value: bytes('1') }));
      await assert.rejects(storage.createAll(many), RangeError);
      assert.equal(storage.revision, 1);
    }));

  local('writers who build on the head all succeed without waiting for each other', () =>
    withStorage(async (storage) => {
      const writes: Promise<WriteResult>[] = [];
      for (let i = 0; i < 100; i++) {
        const head = await storage.head('/a');
        const next = head ? `${Number(text(head.value)) + 1}` : '1';
        writes.push(storage.write({ key: '/a', value: bytes(next), expect: head?.modRevision ?? 0 }));
      }
      const results = await Promise.all(writes);
      assert.ok(results.every((result) => result.ok));
      assert.equal(text((await storage.get('/a'))!.value), '100');
      assert.equal(storage.revision, 101);
    }),
  );

  local('a head is settled once it can be read', () =>
    withStorage(async (storage) => {
      void put(storage, '/a', '1');
      const head = (await storage.head('/a'))!;
      await storage.settled(head.modRevision);
      assert.equal(await storage.get('/a'), head);
      await assert.rejects(storage.settled(99), FutureRevisionError);
    }),
  );

  local('keys and values may be any text and any bytes', () =>
    withStorage(async (storage) => {
      const keys = ['', ' ', '/ü/€/😀', 'a'.repeat(5000)];
      for (const key of keys) await storage.write({ key, value: Buffer.from([0, 255, 10]) });
      await storage.write({ key: '/empty', value: bytes('') });
      for (const key of keys) assert.deepEqual([...(await storage.get(key))!.value], [0, 255, 10]);
      assert.equal((await storage.get('/empty'))!.value.length, 0);
    }),
  );
}

function describeWatches(withStorage: WithStorage, local: typeof test): void {
  test('a watch gets every later event of its prefix in order, with the previous value', () =>
    withStorage(async (storage) => {
      await put(storage, '/a/1', 'x');
      const watched = record(storage, '/a/', storage.revision);
      await put(storage, '/a/1', 'y');
      await put(storage, '/b/1', 'z');
      await put(storage, '/a/2', 'z');
      await remove(storage, '/a/1');
      await turns();
      assert.deepEqual(watched.events.map(line), ['+/a/1=y@3 (was x)', '+/a/2=z@5', '-/a/1@6 (was y)']);
      assert.equal(watched.watch.revision, 6);
    }));

  test('a watch from an older revision first gets what it missed', () =>
    withStorage(async (storage) => {
      for (const value of ['1', '2', '3']) await put(storage, '/a', value);
      await turns();
      const watched = record(storage, '/', 2);
      await put(storage, '/a', '4');
      await put(storage, '/a', '5');
      await turns();
      const want = ['+/a=2@3 (was 1)', '+/a=3@4 (was 2)', '+/a=4@5 (was 3)', '+/a=5@6 (was 4)'];
      assert.deepEqual(watched.events.map(line), want);
    }));

  test('a watch from a future revision waits for it', () =>
    withStorage(async (storage) => {
      const watched = record(storage, '/', 3);
      for (const key of ['/a', '/b', '/c']) await put(storage, key, '1');
      await turns();
      assert.deepEqual(watched.events.map(line), ['+/c=1@4']);
    }));

  local('events of one turn come as one batch, which watchers share', () =>
    withStorage(async (storage) => {
      const one = record(storage, '/', 1);
      const two = record(storage, '/', 1);
      await Promise.all(['/a', '/b', '/c'].map((key) => put(storage, key, '1')));
      await turns();
      assert.equal(one.batches.length, 1);
      assert.equal(one.batches[0]!.length, 3);
      assert.equal(one.batches[0], two.batches[0]);
    }),
  );

  test('after a delivery to many that took long, later events wait as long, and come together', () => {
    const clock = new FakeClock();
    const run = async (storage: Storage): Promise<void> => {
      const batches: number[] = [];
      const onEvents = (events: readonly unknown[]): void => {
        batches.push(events.length);
        clock.advance(10);
      };
      storage.watch({ prefix: '/', after: 1, onEvents, onError: () => {} });
      for (let i = 1; i < 16; i++) storage.watch({ prefix: '/', after: 1, onEvents: () => {}, onError: () => {} });
      await put(storage, '/a', '1');
      await turns();
      await put(storage, '/b', '1');
      await turns();
      await put(storage, '/c', '1');
      await turns();
      assert.deepEqual(batches, [1]);
      clock.advance(10);
      assert.deepEqual(batches, [1, 2]);
    };
    return withStorage(run, { clock });
  });

  test('nothing is delivered within watch() and nothing after close()', () =>
    withStorage(async (storage) => {
      await put(storage, '/a', '1');
      const closed = record(storage, '/', 1);
      assert.equal(closed.events.length, 0);
      closed.watch.close();
      closed.watch.close();
      const aborting = new AbortController();
      const aborted = record(storage, '/', 2, aborting.signal);
      void put(storage, '/b', '1');
      aborting.abort();
      const late = record(storage, '/', 2, aborting.signal);
      await put(storage, '/c', '1');
      await turns();
      assert.deepEqual(
        [closed, aborted, late].map(({ events }) => events.length),
        [0, 0, 0],
      );
      assert.equal(storage.stats.watches, 0);
    }));

  test('a watcher that throws ends its own watch only', () =>
    withStorage(async (storage) => {
      const errors: Error[] = [];
      const onEvents = (): void => {
        throw new Error('too much');
      };
      storage.watch({ prefix: '/', after: 1, onEvents, onError: (error) => errors.push(error) });
      const other = record(storage, '/', 1);
      await put(storage, '/a', '1');
      await turns();
      await put(storage, '/b', '1');
      await turns();
      assert.deepEqual(
        errors.map((error) => error.message),
        ['too much'],
      );
      assert.equal(other.events.length, 2);
    }));

  test('a watch started while events are delivered misses none and gets none twice', () =>
    withStorage(async (storage) => {
      const inner: ReturnType<typeof record>[] = [];
      const start = (): void => {
        inner.push(record(storage, '/', 1), record(storage, '/', storage.revision));
      };
      storage.watch({ prefix: '/', after: 1, onEvents: start, onError: () => {} });
      await put(storage, '/a', '1');
      await turns();
      await put(storage, '/b', '1');
      await turns();
      assert.deepEqual(inner[0]!.events.map(line), ['+/a=1@2', '+/b=1@3']);
      assert.deepEqual(inner[1]!.events.map(line), ['+/b=1@3']);
    }));
}

function describeCompaction(withStorage: WithStorage): void {
  test('compaction forgets what was replaced, and nothing else', () =>
    withStorage(async (storage) => {
      await put(storage, '/a', '1');
      await put(storage, '/b', '1');
      await put(storage, '/a', '2');
      await remove(storage, '/b');
      await put(storage, '/c', '1');
      await storage.compact(5);
      assert.equal(storage.compactedRevision, 5);
      await assert.rejects(async () => storage.get('/a', { revision: 4 }), CompactedError);
      await assert.rejects(async () => storage.range('/', { revision: 1 }), CompactedError);
      assert.deepEqual(shown((await storage.range('/', { revision: 5 })).entries), ['/a=2']);
      assert.deepEqual(shown((await storage.range('/')).entries), ['/a=2', '/c=1']);
      assert.deepEqual(storage.stats, { entries: 2, valueBytes: 2, historyEvents: 1, historyBytes: 0, watches: 0 });
    }));

  test('a watch from before the compacted revision fails, one from it on gets all', () =>
    withStorage(async (storage) => {
      for (const value of ['1', '2', '3', '4']) await put(storage, '/a', value);
      await storage.compact(3);
      const early = record(storage, '/', 2);
      const exact = record(storage, '/', 3);
      await turns();
      assert.ok(early.errors[0] instanceof CompactedError);
      assert.deepEqual(exact.events.map(line), ['+/a=3@4 (was 2)', '+/a=4@5 (was 3)']);
    }));

  test('a running watch does not notice compaction', () =>
    withStorage(async (storage) => {
      const watched = record(storage, '/', 1);
      await put(storage, '/a', '1');
      await put(storage, '/a', '2');
      await storage.compact(storage.revision);
      await turns();
      assert.deepEqual(watched.events.map(line), ['+/a=1@2', '+/a=2@3 (was 1)']);
      assert.equal(watched.errors.length, 0);
    }));

  test('compacting again, or to an older revision, changes nothing; to a future one is refused', () =>
    withStorage(async (storage) => {
      await put(storage, '/a', '1');
      await storage.compact(2);
      await storage.compact(2);
      await storage.compact(1);
      assert.equal(storage.compactedRevision, 2);
      await assert.rejects(storage.compact(3), FutureRevisionError);
    }));

  test('history older than its age is compacted by itself', () => {
    const clock = new FakeClock();
    const run = async (storage: Storage): Promise<void> => {
      await put(storage, '/a', '1');
      await put(storage, '/a', '2');
      clock.advance(40_000);
      await put(storage, '/a', '3');
      clock.advance(40_000);
      assert.equal(storage.compactedRevision, 0);
      clock.advance(40_000);
      assert.equal(storage.compactedRevision, 3);
      clock.advance(60_000);
      assert.equal(storage.compactedRevision, 4);
      assert.equal(storage.stats.historyBytes, 0);
    };
    return withStorage(run, { clock, historySeconds: 100 });
  });

  test('history larger than its bound is compacted by itself', () =>
    withStorage(
      async (storage) => {
        for (let i = 0; i < 100; i++) await storage.write({ key: '/a', value: Buffer.alloc(1000) });
        const { historyEvents, historyBytes } = storage.stats;
        assert.ok(historyBytes + 256 * historyEvents <= 20_000, `${historyBytes} bytes, ${historyEvents} events`);
        assert.ok(historyEvents >= 10, `${historyEvents} events`);
      },
      { historyBytes: 20_000 },
    ));
}

function describeExpiry(withStorage: WithStorage): void {
  test('an entry with a time to live is deleted by a write of its own', () => {
    const clock = new FakeClock();
    const run = async (storage: Storage): Promise<void> => {
      await storage.write({ key: '/a', value: bytes('1'), ttlSeconds: 60 });
      await storage.write({ key: '/b', value: bytes('1'), ttlSeconds: 90 });
      const watched = record(storage, '/', storage.revision);
      clock.advance(59_000);
      await turns();
      assert.equal(watched.events.length, 0);
      clock.advance(2000);
      await until(clock, () => watched.events.length === 1);
      assert.deepEqual(watched.events.map(line), ['-/a@4 (was 1)']);
      clock.advance(30_000);
      await until(clock, () => watched.events.length === 2);
      assert.equal(storage.revision, 5);
    };
    return withStorage(run, { clock });
  });

  test('a later write replaces the time to live', () => {
    const clock = new FakeClock();
    const run = async (storage: Storage): Promise<void> => {
      await storage.write({ key: '/kept', value: bytes('1'), ttlSeconds: 10 });
      await storage.write({ key: '/longer', value: bytes('1'), ttlSeconds: 10 });
      await storage.write({ key: '/kept', value: bytes('2') });
      await storage.write({ key: '/longer', value: bytes('2'), ttlSeconds: 100 });
      clock.advance(50_000);
      await turns(10);
      assert.equal((await storage.range('/')).entries.length, 2);
      clock.advance(60_000);
      await until(clock, async () => (await storage.range('/')).entries.length === 1);
      assert.equal((await storage.get('/kept'))!.expiresAt, undefined);
    };
    return withStorage(run, { clock });
  });
}

function describeClosing(withStorage: WithStorage): void {
  test('closing keeps what was submitted, ends watches and refuses writes', () =>
    withStorage(async (storage) => {
      const watched = record(storage, '/', 1);
      const write = put(storage, '/a', '1');
      await storage.close();
      assert.equal(await write, 2);
      assert.deepEqual(watched.events.map(line), ['+/a=1@2']);
      assert.ok(watched.errors[0] instanceof ClosedError);
      await assert.rejects(put(storage, '/b', '1'), ClosedError);
      await assert.rejects(storage.createAll([{ key: '/b', value: bytes('1') }]), ClosedError);
      await storage.close();
    }));
}

function describeRandom(withStorage: WithStorage, options: SuiteOptions): void {
  const seed = Number(process.env.NEKUBE_SEED ?? 1);
  test(`random operations agree with a model (NEKUBE_SEED=${seed})`, () =>
    withStorage((storage) => runModel(storage, seed, options), { historySeconds: 0, historyBytes: 0 }));
}

async function put(storage: Storage, key: string, value: string): Promise<number> {
  const result = await storage.write({ key, value: bytes(value) });
  assert.ok(result.ok);
  return result.revision;
}

async function remove(storage: Storage, key: string): Promise<number> {
  const result = await storage.write({ key, value: null });
  assert.ok(result.ok);
  return result.revision;
}

async function revisions(storage: Storage, key: string): Promise<Pick<Entry, 'createRevision' | 'modRevision'>> {
  const { createRevision, modRevision } = (await storage.get(key))!;
  return { createRevision, modRevision };
}

function shown(entries: readonly { readonly key: string; readonly value: Uint8Array }[]): string[] {
  return entries.map(({ key, value }) => `${key}=${text(value)}`);
}

/** Waits, for a minute at most, until something is so; the clock goes on at first. */
async function until(clock: FakeClock, condition: () => Awaitable<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  // what is due is due by then; a disk may take its time, and what is due later is not meant
  for (let i = 0; performance.now() < end && !(await condition()); i++) {
    if (i < 2000) clock.advance(1);
    await new Promise((resume) => setTimeout(resume, 1));
  }
  assert.ok(await condition());
}
