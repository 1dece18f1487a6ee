import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FakeClock } from './fake-clock.ts';
import { InformerSet } from './informer-set.ts';
import { MODEL_KIND, ModelServer } from './testing/model-server.ts';

function setUp() {
  const clock = new FakeClock();
  const server = new ModelServer(clock);
  const errors: string[] = [];
  const set = new InformerSet(server.client, {
    clock,
    random: () => 0,
    onError: (error, kind) => errors.push(`${kind.kind}: ${error.message}`),
  });
  return { clock, server, errors, set, stop: new AbortController() };
}

describe('a set of informers', () => {
  test('has one informer for each kind and selection', () => {
    const { set } = setUp();
    const informer = set.informer(MODEL_KIND);
    assert.equal(set.informer({ ...MODEL_KIND }), informer);
    for (const selection of [
      { namespace: 'a' },
      { labelSelector: 'a=b' },
      { fieldSelector: 'a=b' },
      { metadataOnly: true },
    ])
      assert.notEqual(set.informer(MODEL_KIND, selection), informer);
    assert.notEqual(set.informer({ apiVersion: 'v2', kind: 'ConfigMap' }), informer);
  });

  test('gathers indexes, and refuses what cannot be shared', () => {
    const { set } = setUp();
    const byName = (): string[] => ['x'];
    const informer = set.informer(MODEL_KIND, { indexes: { name: byName } });
    set.informer(MODEL_KIND, { indexes: { name: byName, other: () => [] } });
    assert.deepEqual(informer.store.byIndex('other', ''), []);
    assert.throws(() => set.informer(MODEL_KIND, { indexes: { name: () => [] } }), RangeError);
    assert.throws(() => set.informer(MODEL_KIND, { transform: (object) => object }), /another transform/);
    assert.throws(() => informer.store.byIndex('none', ''), /There is no index none; add it/);
  });

  test('runs its informers, also those that come later, and stops them all', async () => {
    const { clock, server, set, stop } = setUp();
    server.put('a/one');
    const first = set.informer(MODEL_KIND);
    const running = set.run(stop.signal);
    await clock.advance(0);
    await set.synced();
    assert.equal(first.store.size, 1);
    const second = set.informer(MODEL_KIND, { namespace: 'a' });
    await clock.advance(0);
    assert.equal(second.isSynced, true);
    await set.remove(first);
    assert.equal(server.watching, 1);
    assert.notEqual(set.informer(MODEL_KIND), first);
    stop.abort();
    await running;
    assert.deepEqual([server.watching, clock.waiting], [0, 0]);
  });

  test('says which informer fails', async () => {
    const { clock, server, set, stop, errors } = setUp();
    server.partition(true);
    set.informer(MODEL_KIND);
    void set.run(stop.signal);
    await clock.advance(0);
    assert.deepEqual(errors, ['ConfigMap: connect ECONNREFUSED']);
    stop.abort();
  });
});
