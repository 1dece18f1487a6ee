import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { isStatusError } from 'nekube/apimachinery';
import { freePorts } from '../../../tools/free-ports.mjs';
import { CompactedError } from '../errors.ts';
import { type EtcdOptions, openEtcd } from '../etcd.ts';
import type { Storage, WriteResult } from '../storage.ts';
import { type EtcdFlags, type EtcdMember, noEtcd, Relay, withEtcd as withEtcdAt } from '../testing/etcd.ts';
import { bytes, FakeClock, line, record, text } from '../testing/fixtures.ts';
import { describeStorage } from '../testing/suite.ts';
import { EtcdClient } from './client.ts';
import { Compactor } from './compactor.ts';
import { answersProgress } from './watch-stream.ts';

const prefix = '/test';
const skip = noEtcd ?? false;

function optionsFor(members: readonly EtcdMember[], more: Partial<EtcdOptions> = {}): EtcdOptions {
  return { endpoints: members.map(({ url }) => url), prefix, compactionSeconds: 0, ...more };
}

function withEtcd(use: (members: readonly EtcdMember[]) => Promise<void>, flags?: EtcdFlags): Promise<void> {
  return withEtcdAt(freePorts, use, flags);
}

/** Opens stores on one etcd, and closes them after `use`. */
async function withStores(
  members: readonly EtcdMember[],
  count: number,
  use: (...stores: Storage[]) => Promise<void>,
  more: Partial<EtcdOptions> = {},
): Promise<void> {
  const stores = await Promise.all(Array.from({ length: count }, () => openEtcd(optionsFor(members, more))));
  try {
    await use(...stores);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

describeStorage(
  'etcd',
  (use, options) =>
    withEtcd((members) =>
      withStores(members, 1, (store) => use(store!), { clock: new FakeClock(), closeMs: 60_000, ...options }),
    ),
  { remote: true, steps: 600, ...(noEtcd !== undefined && { skip: noEtcd }) },
);

describe('several stores on one etcd', { skip }, () => {
  test('what one acknowledges, the other reads and lists at once', () =>
    withEtcd((members) =>
      withStores(members, 2, async (a, b) => {
        for (let i = 0; i < 100; i++) {
          const written = await put(a!, `/n/${i}`, `${i}`);
          assert.equal(text((await b!.get(`/n/${i}`))!.value), `${i}`);
          const { entries, revision } = await b!.range('/n/');
          assert.equal(entries.length, i + 1);
          assert.ok(revision >= written);
          await b!.settled(written);
        }
      }),
    ));

  test('both tell their watchers the same, in the same order', () =>
    withEtcd((members) =>
      withStores(members, 2, async (a, b) => {
        const seen = [record(a!, '/', 1), record(b!, '/', 1)];
        await Promise.all([a!, b!].map((store, w) => writeMany(store, `/${w}`, 100)));
        await Promise.all([a!.get('/x'), b!.get('/x')]);
        for (const one of seen) await delivered(one, 200);
        assert.equal(seen[0]!.events.length, 200);
        assert.deepEqual(seen[0]!.events.map(line), seen[1]!.events.map(line));
      }),
    ));

  test('counting up by compare-and-set loses no step, whoever counts', () =>
    withEtcd((members) =>
      withStores(members, 2, async (a, b) => {
        await put(a!, '/counter', '0');
        await Promise.all([a!, b!, a!, b!].map((store) => countUp(store, '/counter', 50)));
        assert.equal(text((await a!.get('/counter'))!.value), '200');
      }),
    ));

  test('writes below other prefixes and of foreigners do not keep a read waiting', () =>
    withEtcd(async (members) => {
      const other = await openEtcd(optionsFor(members, { prefix: '/test2' }));
      await withStores(members, 1, async (a) => {
        for (let i = 0; i < 20; i++) {
          const revision = await put(other, '/x', `${i}`);
          assert.equal((await a!.range('/')).entries.length, 0);
          assert.ok(a!.revision >= revision);
        }
      });
      await other.close();
    }));

  test('what may lag is what is known here, also while etcd cannot be reached', () =>
    withEtcd(async ([member]) => {
      const relay = await Relay.to(member!.url);
      const far = await openEtcd(optionsFor([member!], { endpoints: [relay.url] }));
      await withStores([member!], 1, async (near) => {
        const first = await put(far, '/a', '1');
        relay.cut();
        const second = await put(near!, '/a', '2');
        const known = await far.head('/a', { mayLag: true });
        assert.equal(known?.modRevision, first);
        assert.equal((await far.get('/a', { mayLag: true }))?.modRevision, first);
        assert.equal((await far.range('/', { mayLag: true })).revision, first);
        relay.mend();
        // a write is not repeated when its connection turns out to be dead, a read is
        await far.head('/b');
        const lost = await far.write({ key: '/a', value: bytes('3'), expect: first });
        assert.equal(lost.ok, false);
        assert.equal((await far.head('/a'))?.modRevision, second);
      });
      await far.close();
      relay.close();
    }));

  test('one that is opened later can be watched from before', () =>
    withEtcd(async (members) => {
      await withStores(members, 1, (a) => writeMany(a!, '/a', 5));
      await withStores(members, 1, async (b) => {
        const seen = record(b!, '/', 2);
        await delivered(seen, 4);
        assert.deepEqual(
          seen.events.map(({ revision }) => revision),
          [3, 4, 5, 6],
        );
        assert.equal((await b!.range('/', { revision: 3 })).entries.length, 2);
        await b!.compact(4);
      });
      await withStores(members, 1, async (c) => {
        assert.equal(c!.compactedRevision, 4);
        await assert.rejects(async () => c!.get('/a/0', { revision: 3 }), CompactedError);
      });
    }));
});

describe('the lives of etcd', { skip }, () => {
  test('after a restart of etcd watches go on, without a gap', () =>
    withEtcd(([member]) =>
      withStores([member!], 1, async (a) => {
        const seen = record(a!, '/', 1);
        await writeMany(a!, '/a', 20);
        await member!.kill();
        const waiting = a!.get('/a/3');
        member!.start();
        assert.equal(text((await waiting)!.value), '3');
        await member!.settled();
        await writeMany(a!, '/b', 20);
        await delivered(seen, 40);
        assert.deepEqual(seen.errors, []);
        assert.deepEqual(
          seen.events.map(({ revision }) => revision),
          Array.from({ length: 40 }, (_, i) => i + 2),
        );
      }),
    ));

  test('a watch whose events were compacted while etcd could not be reached is over; reads go on', () =>
    withEtcd(async ([member]) => {
      const relay = await Relay.to(member!.url);
      const far = await openEtcd(optionsFor([member!], { endpoints: [relay.url] }));
      await withStores([member!], 1, async (near) => {
        await put(near!, '/a', '0');
        await far.get('/a');
        const seen = record(far, '/', far.revision);
        relay.cut();
        await writeMany(near!, '/b', 5);
        await put(near!, '/a', '1');
        await near!.compact(near!.revision);
        relay.mend();
        assert.equal(text((await far.get('/a'))!.value), '1');
        assert.equal((await far.range('/')).entries.length, 6);
        assert.ok(seen.errors[0] instanceof CompactedError);
        assert.equal(seen.events.length, 0);
        const after = record(far, '/', far.revision);
        await put(near!, '/a', '2');
        await far.get('/a');
        await delivered(after, 1);
        assert.equal(after.events.length, 1);
      });
      await far.close();
      relay.close();
    }));

  test('a watch that could not be heard for a while gets what it missed, once', () =>
    withEtcd(async ([member]) => {
      const relay = await Relay.to(member!.url);
      const far = await openEtcd(optionsFor([member!], { endpoints: [relay.url] }));
      await withStores([member!], 1, async (near) => {
        const seen = record(far, '/', 1);
        for (let round = 0; round < 5; round++) {
          const writing = writeMany(near!, `/${round}`, 30);
          relay.cut();
          relay.mend();
          await writing;
        }
        await far.get('/x');
        await delivered(seen, 150);
        assert.deepEqual(
          seen.events.map(({ revision }) => revision),
          Array.from({ length: 150 }, (_, i) => i + 2),
        );
      });
      await far.close();
      relay.close();
    }));

  test('an etcd that was set back is read anew, and its watches are over', () =>
    withEtcd(([member]) =>
      withStores([member!], 1, async (a) => {
        await writeMany(a!, '/a', 10);
        const seen = record(a!, '/', a!.revision);
        await member!.kill();
        member!.wipe();
        member!.start();
        await member!.settled();
        assert.equal(await a!.get('/a/1'), undefined);
        assert.ok(seen.errors[0] instanceof CompactedError);
        assert.equal(await put(a!, '/b', '1'), 2);
      }),
    ));

  test('a write larger than etcd takes is refused in the words of the real server', () =>
    withEtcd((members) =>
      withStores(members, 1, async (a) => {
        for (const [size, message] of [
          [1_600_000, /^etcdserver: request is too large$/],
          [
            2_200_000,
            /^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(2200\d+ vs\. 2097152\)$/,
          ],
        ] as const) {
          const write = a!.write({ key: '/large', value: Buffer.alloc(size) });
          await assert.rejects(write, (error) => isStatusError(error, undefined) && message.test(error.message));
        }
        assert.equal((await a!.range('/')).entries.length, 0);
      }),
    ));

  test('keys with a time to live share a lease and are deleted when it ends', () =>
    withEtcd((members) =>
      withStores(members, 1, async (a) => {
        // a machine that had something else to do for longer than the keys live is given more time
        for (let ttlSeconds = 1; ; ttlSeconds *= 2) {
          const keys = ['a', 'b', 'c'].map((name) => `/${ttlSeconds}/${name}`);
          const seen = record(a!, `/${ttlSeconds}/`, a!.revision);
          const made = await Promise.all(keys.map((key) => a!.write({ key, value: bytes('1'), ttlSeconds })));
          const expect = made[1]!.ok ? made[1]!.revision : 0;
          const { ok: isInTime } = await a!.write({ key: keys[1]!, value: bytes('2'), expect });
          if (!isInTime) continue;
          await untilTrue(() => seen.events.length === 6);
          const [first, second] = seen.events.slice(4);
          assert.deepEqual([first!.key, second!.key].sort(), [keys[0], keys[2]]);
          assert.equal(first!.revision, second!.revision, 'of one lease, and so deleted by one transaction');
          return assert.equal((await a!.range(`/${ttlSeconds}/`)).entries.length, 1);
        }
      }),
    ));

  test('who does not reach etcd gives up, and says so as the real server does', async () => {
    const opening = openEtcd({ endpoints: ['http://127.0.0.1:1'], prefix, openMs: 200 });
    await assert.rejects(opening, (error) => isStatusError(error, 'Timeout') && /ECONNREFUSED/.test(inspect(error)));
  });

  test('of several compactors one compacts, to where the round before began', () =>
    withEtcd((members) =>
      withStores(members, 1, async (a) => {
        const client = new EtcdClient({ endpoints: [members[0]!.url] });
        const [one, two] = [1, 2].map(() => new Compactor(client, 1000, () => {}));
        let [first, second] = [
          { version: 0, revision: 0 },
          { version: 0, revision: 0 },
        ];
        for (let round = 0; round < 3; round++) {
          first = await one!.once(first);
          second = await two!.once(second);
          await writeMany(a!, `/${round}`, 10);
        }
        client.close();
        await withStores(members, 1, async (b) => assert.equal(b!.compactedRevision, first.revision - 11));
      }),
    ));

  for (const [version, answers] of [
    ['3.4.23', false],
    ['3.4.31', true],
    ['3.5.12', false],
    ['3.5.13', true],
    ['3.6.0', true],
    ['4.0.0', true],
    ['', true],
  ] as const) {
    test(`etcd ${version || 'of a version that is not told'} is ${answers ? '' : 'not '}asked for progress`, () =>
      assert.equal(answersProgress(version), answers));
  }
});

describe('three members', { skip }, () => {
  test('with one killed at a time no acknowledged write and no event is lost, and none comes twice', () =>
    withEtcd(
      (members) =>
        withStores(members, 2, async (a, b) => {
          const seen = [record(a!, '/', 1), record(b!, '/', 1)];
          const acknowledged: [key: string, value: string, revision: number][] = [];
          const stopping = new AbortController();
          const writers = [a!, b!, a!, b!].map((store, w) =>
            writeUntil(store, `/w${w}`, stopping.signal, acknowledged),
          );
          const reads = readUntil(a!, b!, stopping.signal);
          // the next is not killed before writes go on, however long it takes to have a leader again
          const more = (): Promise<void> => {
            const before = acknowledged.length;
            return untilTrue(() => acknowledged.length >= before + 8);
          };
          for (let round = 0; round < 4; round++) {
            await more();
            const member = members[round % 3]!;
            await member.kill();
            await more();
            member.start();
            await member.settled();
          }
          stopping.abort();
          await Promise.all([...writers, reads]);
          await Promise.all([a!.get('/x'), b!.get('/x')]);
          await delivered();
          compareSeen(seen, acknowledged);
        }),
      { count: 3 },
    ));

  test('a member that hangs is left for another one', () =>
    withEtcd(
      (members) =>
        withStores(members, 1, async (a) => {
          await put(a!, '/a', '1');
          await members[0]!.kill('SIGSTOP');
          const seen = record(a!, '/', a!.revision);
          await a!.get('/a');
          await put(a!, '/a', '2');
          await a!.get('/a');
          await delivered(seen, 1);
          await members[0]!.kill('SIGCONT');
          assert.deepEqual(seen.events.map(line), ['+/a=2@3 (was 1)']);
        }),
      { count: 3 },
    ));
});

describe('users of etcd', { skip }, () => {
  test('a user writes and watches, also after its token is gone; a wrong password is refused', () =>
    withEtcd(async ([member]) => {
      const user = { name: 'root', password: 'secret' };
      await enableUsers(member!, user);
      await withStores(
        [member!],
        1,
        async (a) => {
          const seen = record(a!, '/', a!.revision);
          await put(a!, '/a', '1');
          await member!.kill();
          member!.start();
          await member!.settled();
          await put(a!, '/a', '2');
          await delivered(seen, 2);
          assert.equal(seen.events.length, 2);
          const wrong = openEtcd(optionsFor([member!], { user: { ...user, password: 'guess' } }));
          await assert.rejects(wrong, /etcdserver: authentication failed, invalid user ID or password/);
          await assert.rejects(openEtcd(optionsFor([member!])), /etcdserver: user name is empty/);
        },
        { user },
      );
    }));
});

/** Gives etcd a user with the role root, without whom nothing can be done from then on. */
async function enableUsers(member: EtcdMember, user: { name: string; password: string }): Promise<void> {
  const client = new EtcdClient({ endpoints: [member.url] });
  const texts = (...fields: string[]): Buffer =>
    Buffer.concat(fields.flatMap((field, i) => [Buffer.of(((i + 1) << 3) | 2, field.length), Buffer.from(field)]));
  const call = (path: string, request: Buffer): Promise<unknown> =>
    client.call(
      { path: `/etcdserverpb.Auth/${path}`, repeatable: false, encode: () => request, decode: () => ({}) },
      {},
    );
  await call('UserAdd', texts(user.name, user.password));
  await call('UserGrantRole', texts(user.name, 'root'));
  await call('AuthEnable', Buffer.of());
  client.close();
}

/** Both have seen the same, in order; each revision was told once, and so was each write that was acknowledged. */
function compareSeen(
  seen: readonly ReturnType<typeof record>[],
  acknowledged: readonly (readonly [key: string, value: string, revision: number])[],
): void {
  const [one, two] = seen.map(({ events }) => events.map(line));
  assert.deepEqual(
    seen.map(({ errors }) => errors),
    [[], []],
  );
  assert.deepEqual(one, two);
  const told = seen[0]!.events.map(({ revision }) => revision);
  assert.equal(new Set(told).size, told.length);
  const byRevision = new Map(seen[0]!.events.map((event) => [event.revision, event]));
  for (const [key, value, revision] of acknowledged) {
    const event = byRevision.get(revision);
    assert.equal(event?.key, key);
    assert.equal(text(event!.entry!.value), value);
  }
}

async function writeUntil(
  store: Storage,
  key: string,
  signal: AbortSignal,
  acknowledged: [string, string, number][],
): Promise<void> {
  for (let i = 0; !signal.aborted; i++) {
    try {
      const result = await store.write({ key, value: bytes(`${i}`) });
      if (result.ok) acknowledged.push([key, `${i}`, result.revision]);
    } catch (error) {
      // it may have been made or not
      assert.ok(isStatusError(error), String(error));
    }
  }
}

/** What one reads, the other must not read older afterwards. */
async function readUntil(a: Storage, b: Storage, signal: AbortSignal): Promise<void> {
  for (let newest = 0; !signal.aborted; ) {
    for (const store of [a, b]) {
      const entry = await store.get('/w0');
      assert.ok((entry?.modRevision ?? 0) >= newest, `read ${entry?.modRevision} after ${newest}`);
      newest = entry?.modRevision ?? 0;
    }
    await sleep(5);
  }
}

async function put(store: Storage, key: string, value: string): Promise<number> {
  const result = await store.write({ key, value: bytes(value) });
  assert.ok(result.ok);
  return result.revision;
}

async function writeMany(store: Storage, under: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await put(store, `${under}/${i}`, `${i}`);
}

async function countUp(store: Storage, key: string, times: number): Promise<void> {
  for (let done = 0; done < times; ) {
    const head = (await store.head(key))!;
    const value = bytes(`${Number(text(head.value)) + 1}`);
    const result: WriteResult = await store.write({ key, value, expect: head.modRevision });
    if (result.ok) done++;
  }
}

/** Waits until so much was told, and then for what would be too much: a delivery may wait for 25 ms after one that took long. */
async function delivered(seen?: ReturnType<typeof record>, count = 0): Promise<void> {
  await untilTrue(() => seen === undefined || seen.events.length >= count || seen.errors.length > 0);
  await sleep(60);
}

/** Waits, for a minute at most, until something is so. */
async function untilTrue(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end && !condition(); ) await sleep(10);
  assert.ok(condition());
}
