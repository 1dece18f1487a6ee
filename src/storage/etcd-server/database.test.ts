import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { bytes, FakeClock, withDirectory } from '../testing/fixtures.ts';
import { Database } from './database.ts';

function open(dir: string, clock = new FakeClock()): Database {
  let lastId = 0n;
  return new Database({ dir, fsync: true, clock, newId: () => ++lastId, onFailure: (error) => assert.fail(error) });
}

function put(database: Database, key: string): void {
  database.revisions.put(key, { value: bytes('v'), lease: 0n });
  database.commit();
}

test('watchers hear of no change that is not written yet, also of one made while another is synchronised', () =>
  withDirectory(async (dir) => {
    const database = open(dir);
    const told: number[] = [];
    database.onTold(() => told.push(database.told));
    put(database, 'a');
    // in the turn in which `a` is written: it is being synchronised when `b` comes
    await turn();
    put(database, 'b');
    await database.flushed();
    await turn();
    assert.deepEqual(told, [2, 3]);
    await database.close();
  }));

test('a lease ends when its time is over, also one that was granted after longer ones, and not when it was renewed', () =>
  withDirectory(async (dir) => {
    const clock = new FakeClock();
    const database = open(dir, clock);
    const [long, short] = [database.grant(1n, 100), database.grant(2n, 10)];
    clock.advance(9_000);
    database.leases.renew(short);
    clock.advance(9_000);
    assert.deepEqual(database.leases.all(), [short, long]);
    clock.advance(1_000);
    assert.deepEqual(database.leases.all(), [long]);
    clock.advance(81_000);
    assert.deepEqual(database.leases.all(), []);
    await database.close();
  }));

test('leases that are many are granted and renewed without a look at all of them', () =>
  withDirectory(async (dir) => {
    const clock = new FakeClock();
    let timers = 0;
    const counting = {
      now: () => clock.now(),
      after: (ms: number, call: () => void) => (timers++, clock.after(ms, call)),
    };
    const database = new Database({ dir, fsync: false, clock: counting, newId: () => 1n, onFailure: assert.fail });
    for (let id = 1n; id <= 1000n; id++) database.leases.renew(database.grant(id, 60));
    assert.equal(timers, 1);
    await database.close();
  }));

test('what a listener throws is not lost, and keeps no other from being told', () =>
  withDirectory(async (dir) => {
    const database = open(dir);
    const told: number[] = [];
    const thrown: Error[] = [];
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => void thrown.push(error));
    database.onTold(() => {
      throw new Error(`at ${database.told}`);
    });
    database.onTold(() => told.push(database.told));
    for (const key of ['a', 'b']) {
      put(database, key);
      await database.flushed();
      await turn();
    }
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
    assert.deepEqual(told, [2, 3]);
    assert.deepEqual(
      thrown.map(({ message }) => message),
      ['at 2', 'at 3'],
    );
    await database.close();
  }));
