import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Commit, Journal } from './journal.ts';
import { Store } from './store.ts';
import { bytes, line, record, text, turns } from './testing/fixtures.ts';

/** A journal whose commits end when and how the test says. */
class HeldJournal implements Journal {
  readonly commits: Commit[] = [];
  #end: ((error: Error | undefined) => void) | undefined;

  commit(commit: Commit): Promise<void> {
    this.commits.push(commit);
    return new Promise((done, failed) => {
      this.#end = (error) => (error ? failed(error) : done());
    });
  }

  /** Ends the commit under way. */
  async end(error?: Error): Promise<void> {
    await turns();
    this.#end!(error);
    await turns();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function openHeld(): { store: Store; journal: HeldJournal } {
  const journal = new HeldJournal();
  return { journal, store: new Store(journal, { records: [], revision: 1, compacted: 0 }) };
}

const put = (store: Store, key: string, value: string) => store.write({ key, value: bytes(value) });

test('a write that is not durable is in the head and nowhere else', async () => {
  const { store, journal } = openHeld();
  const watched = record(store, '/', 1);
  const write = put(store, '/a', '1');
  await turns();
  assert.equal(text(store.head('/a')!.value), '1');
  assert.equal(store.get('/a'), undefined);
  assert.equal(store.range('/').entries.length, 0);
  assert.equal(store.revision, 1);
  assert.equal(watched.events.length, 0);
  await journal.end();
  assert.equal((await write).ok, true);
  assert.equal(text(store.get('/a')!.value), '1');
  assert.deepEqual(watched.events.map(line), ['+/a=1@2']);
});

test('writes that arrive during a commit are committed together', async () => {
  const { store, journal } = openHeld();
  const writes = [put(store, '/a', '1'), put(store, '/b', '1')];
  await turns();
  writes.push(put(store, '/c', '1'), put(store, '/a', '2'));
  await journal.end();
  await journal.end();
  await Promise.all(writes);
  assert.deepEqual(
    journal.commits.map(({ records }) => records.map(({ key, revision }) => `${key}@${revision}`)),
    [
      ['/a@2', '/b@3'],
      ['/c@4', '/a@5'],
    ],
  );
});

test('a failed commit takes back its writes and those submitted since, which nobody saw', async () => {
  const { store, journal } = openHeld();
  const kept = put(store, '/a', '1');
  await journal.end();
  await kept;
  const watched = record(store, '/', 1);
  const lost = [put(store, '/a', '2'), put(store, '/b', '1')];
  await turns();
  lost.push(store.write({ key: '/a', value: null, expect: 3 }));
  const settled = store.settled(5);
  const results = Promise.allSettled([...lost, settled]);
  await journal.end(new Error('disk on fire'));
  for (const result of await results)
    assert.equal(result.status === 'rejected' && result.reason.message, 'disk on fire');
  await assert.rejects(store.settled(3), /disk on fire/);
  assert.equal(text(store.head('/a')!.value), '1');
  assert.equal(store.head('/b'), undefined);
  assert.deepEqual(watched.events.map(line), ['+/a=1@2']);
  assert.deepEqual(store.stats, { entries: 1, valueBytes: 1, historyEvents: 1, historyBytes: 0, watches: 1 });
});

test('after a failed commit writes go on, and no revision is used twice', async () => {
  const { store, journal } = openHeld();
  const lost = assert.rejects(put(store, '/a', '1'));
  await journal.end(new Error('no'));
  await lost;
  const write = put(store, '/a', '2');
  await journal.end();
  const result = await write;
  assert.equal(result.ok && result.revision, 3);
  await store.settled(3);
  await assert.rejects(store.settled(2), /no/);
});

test('a rejected writer can write again at once', async () => {
  const { store, journal } = openHeld();
  const again = put(store, '/a', '1').catch(() => put(store, '/a', '2'));
  await journal.end(new Error('no'));
  await journal.end();
  assert.equal((await again).ok, true);
});

test('compaction deletes old records along with later commits, a deletion after what it deleted', async () => {
  const { store, journal } = openHeld();
  const writes = [put(store, '/a', '1'), put(store, '/a', '2'), store.write({ key: '/a', value: null })];
  await journal.end();
  await Promise.all(writes);
  const compaction = store.compact(4);
  await journal.end();
  await compaction;
  const { records, gone, compacted } = journal.commits.at(-1)!;
  assert.deepEqual({ records, gone, compacted }, { records: [], gone: [2, 3, 4], compacted: 4 });
});

test('old records whose deletion failed are deleted with the next commit', async () => {
  const { store, journal } = openHeld();
  const writes = [put(store, '/a', '1'), put(store, '/a', '2')];
  await journal.end();
  await Promise.all(writes);
  const compaction = assert.rejects(store.compact(3), /full/);
  await journal.end(new Error('full'));
  await compaction;
  void put(store, '/b', '1');
  await journal.end();
  const { gone, compacted } = journal.commits.at(-1)!;
  assert.deepEqual({ gone, compacted }, { gone: [2], compacted: 3 });
});

test('what an interrupted compaction left is deleted at the next start', async () => {
  const entry = (revision: number) => ({
    key: '/a',
    value: bytes('x'),
    createRevision: 2,
    modRevision: revision,
    expiresAt: undefined,
  });
  const records = [2, 3, 4].map((revision) => ({ key: '/a', revision, entry: entry(revision) }));
  const journal = new HeldJournal();
  const store = new Store(journal, { records, revision: 4, compacted: 3 });
  await journal.end();
  assert.deepEqual(journal.commits[0], { records: [], gone: [2], compacted: undefined });
  assert.equal(store.get('/a', { revision: 3 })!.modRevision, 3);
});
