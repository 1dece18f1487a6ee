import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CompactedError, openMemory, type Storage, type WatchOptions } from 'nekube/storage';
import { Informer } from './informer.ts';
import { encodeRecord } from './record.ts';
import { Resources } from './resources.ts';
import { Store } from './store.ts';
import { keyOf } from './served.ts';

const resource = new Resources(() => new Date(0)).builtin('', 'v1', 'configmaps');

function setUp() {
  const storage = openMemory();
  const put = (namespace: string, name: string, value: string) =>
    storage.write({
      key: keyOf(resource, namespace, name),
      value: encodeRecord({ metadata: { name, namespace, uid: name }, data: { value } }),
    });
  const closing = new AbortController();
  const informer = new Informer(resource, { store: new Store(storage, new Map()), storage });
  return { storage, put, informer, closing };
}

/** Events come by turns of the event loop, with a pause after a long delivery. */
async function told(informer: Informer, before: number): Promise<void> {
  for (let tries = 0; informer.generation === before; tries++) {
    assert.ok(tries < 5000, 'the informer is told of nothing');
    await sleep(1);
  }
}

const names = (objects: readonly { metadata: { name?: string } }[]) => objects.map(({ metadata }) => metadata.name);

describe('an informer', () => {
  test('has what was there when it started, in the order of keys', async () => {
    const { put, informer, closing } = setUp();
    await put('b', 'two', '1');
    await put('a', 'one', '1');
    await informer.start(closing.signal);
    assert.deepEqual(names(informer.list()), ['one', 'two']);
    assert.deepEqual(names(informer.inNamespace('b')), ['two']);
    assert.deepEqual(informer.inNamespace('c'), []);
    assert.equal(informer.get('a', 'one')?.data?.value, '1');
    assert.equal(informer.get('a', 'two'), undefined);
  });

  test('follows what is written, changed and deleted, and counts the changes', async () => {
    const { storage, put, informer, closing } = setUp();
    await informer.start(closing.signal);
    const first = informer.generation;
    await put('a', 'one', '1');
    await told(informer, first);
    assert.deepEqual(names(informer.list()), ['one']);
    await put('a', 'one', '2');
    await told(informer, first + 1);
    assert.equal(informer.get('a', 'one')?.data?.value, '2');
    await storage.write({ key: keyOf(resource, 'a', 'one'), value: null });
    await told(informer, first + 2);
    assert.deepEqual(informer.list(), []);
    assert.equal(informer.get('a', 'one'), undefined);
  });

  test('decodes a version once and shares it', async () => {
    const { put, informer, closing } = setUp();
    await put('a', 'one', '1');
    await informer.start(closing.signal);
    assert.equal(informer.get('a', 'one'), informer.list()[0]);
    assert.equal(informer.inNamespace('a')[0], informer.list()[0]);
  });

  test('reads anew when its watch ends, and follows again', async () => {
    const { storage, put } = setUp();
    const watches: WatchOptions[] = [];
    const deaf: Storage = Object.assign(Object.create(storage), {
      range: (prefix: string) => storage.range(prefix),
      watch: (options: WatchOptions) => {
        watches.push(options);
        // the first tells nothing
        return watches.length === 1 ? { revision: 0, close: () => {} } : storage.watch(options);
      },
    });
    const informer = new Informer(resource, { store: new Store(storage, new Map()), storage: deaf });
    await informer.start(new AbortController().signal);
    await put('a', 'missed', '1');
    const before = informer.generation;
    watches[0]!.onError(new CompactedError(1, 2));
    await told(informer, before);
    assert.deepEqual(names(informer.list()), ['missed']);
    await put('a', 'later', '1');
    await told(informer, before + 1);
    assert.deepEqual(names(informer.list()), ['later', 'missed']);
  });

  test('stops following when it is told to', async () => {
    const { put, informer, closing } = setUp();
    await informer.start(closing.signal);
    closing.abort();
    await put('a', 'one', '1');
    await sleep(50);
    assert.deepEqual(informer.list(), []);
  });
});
