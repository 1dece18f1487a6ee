// Syncs of one repository on machines whose clocks differ: signs of life are by the server's clock, and of two at once one waits.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeClock, newClient } from 'nekube/client';
import { start } from 'nekube/envtest';
import { KEP_KIND, KEP_SYNC_KIND, SyncLostError, syncKeps, unfinishedSyncs } from 'nekube/kep';

const HOUR_MS = 3_600_000;

/** A client of a machine of whose server it is the time of the clock; `before` is waited for before each request. */
function clientAt(clock, under, before = async () => {}) {
  return newClient({
    url: under.url,
    send: async (request) => {
      await before(request);
      const answer = await under.send(request);
      return { ...answer, headers: { ...answer.headers, date: new Date(clock.now()).toUTCString() } };
    },
    close: async () => {},
  });
}

function contents(title, numbers = [1, 2]) {
  return numbers.map((number) => {
    const people = { authors: [], reviewers: [], approvers: [], readinessApprovers: [], participatingSigs: [] };
    const lists = { featureGates: [], metrics: [], seeAlso: [], replaces: [], supersededBy: [], milestones: {} };
    const kep = { name: `${number}-x`, path: `keps/sig-x/${number}-x`, number, title, owningSig: 'sig-x', written: {} };
    return { kep: { ...kep, ...people, ...lists }, findings: [] };
  });
}

/** Where the writes of KEPs of a sync are held up, until they are let go. */
class Gate {
  #arrive = () => {};
  open = () => {};
  arrived = new Promise((resolve) => (this.#arrive = resolve));
  #opened = new Promise((resolve) => (this.open = resolve));

  async pass({ method, path }) {
    if (method !== 'PATCH' || !path.includes('/keps/')) return;
    this.#arrive();
    await this.#opened;
  }
}

describe('a sync that is under way, on machines whose clocks differ by hours', () => {
  const server = new FakeClock();
  const slow = new FakeClock(server.now() - HOUR_MS);
  const fast = new FakeClock(server.now() + HOUR_MS);
  let env;
  let onFast;

  before(async () => {
    env = await start({ level: 'fake' });
    onFast = clientAt(server, env.client.transport);
  });
  after(() => env?.stop());

  const known = async () =>
    (await unfinishedSyncs(onFast)).map(({ begun, renewed, isUnderWay }) => [begun, renewed, isUnderWay]);
  const stamp = () => new Date(server.now()).toISOString().replace('.000Z', 'Z');
  const sync = (client, clock, title, others = []) =>
    syncKeps(client, contents(title), {
      source: 'test',
      clock,
      onOther: ({ isUnderWay }) => void others.push(isUnderWay),
    });
  const syncOnSlow = (title) => {
    const gate = new Gate();
    const client = clientAt(server, env.client.transport, (request) => gate.pass(request));
    return { gate, synced: sync(client, slow, title) };
  };

  test('says so every ten seconds by the clock of the server, and another one waits until it ends', async () => {
    const begun = stamp();
    const { gate, synced } = syncOnSlow('One');
    await gate.arrived;
    assert.deepEqual(await known(), [[begun, begun, true]]);
    for (let times = 0; times < 5; times++) {
      await env.eventually(() => slow.waiting === 1);
      await server.advance(10_000);
      await slow.advance(10_000);
      await env.eventually(async () => assert.deepEqual(await known(), [[begun, stamp(), true]]));
    }
    const others = [];
    const second = sync(onFast, fast, 'One', others);
    await env.eventually(() => fast.waiting === 1);
    gate.open();
    assert.equal((await synced).created, 2);
    assert.deepEqual(await known(), []);
    await fast.advance(1000);
    assert.equal((await second).unchanged, 2);
    assert.deepEqual(others, [true]);
  });

  test('goes on where somebody touches its mark', async () => {
    const { gate, synced } = syncOnSlow('Two');
    await gate.arrived;
    await env.client.patch(KEP_SYNC_KIND, { name: 'test' }, { merge: { metadata: { labels: { seen: 'yes' } } } });
    await slow.advance(10_000);
    gate.open();
    assert.equal((await synced).changed, 2);
    assert.deepEqual(await known(), []);
  });

  test('is taken to be cut off when it is silent, and ends by itself when it finds that another one began', async () => {
    const { gate, synced } = syncOnSlow('Three');
    await gate.arrived;
    const begun = stamp();
    await server.advance(40_000);
    assert.deepEqual(await known(), [[begun, begun, false]]);
    const others = [];
    assert.equal((await sync(onFast, fast, 'Four', others)).changed, 2);
    assert.deepEqual(others, [false]);
    const ended = assert.rejects(synced, SyncLostError);
    await slow.advance(10_000);
    await env.eventually(() => slow.waiting === 0);
    gate.open();
    await ended;
    assert.deepEqual(await known(), []);
    const { items } = await env.client.list(KEP_KIND);
    assert.deepEqual(
      items.map(({ spec }) => spec.title),
      ['Four', 'Four'],
    );
  });

  test('says itself that it was cut off where it is ended, so that the next one need not wait', async () => {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const ended = syncKeps(onFast, contents('Five'), { source: 'test', clock: fast, signal: stop.signal, onProgress });
    await assert.rejects(ended, { name: 'AbortError' });
    assert.deepEqual(await known(), [[stamp(), stamp(), false]]);
    await sync(onFast, fast, 'Five');
    assert.deepEqual(await known(), []);
  });

  test('brings nothing more once it failed, since the next one may begin then', async () => {
    const numbers = Array.from({ length: 40 }, (_, i) => i + 10);
    const fault = env.faults.add({ match: { verb: 'patch', resource: 'keps', name: '12-x' }, error: 500 });
    await assert.rejects(syncKeps(onFast, contents('Six', numbers), { source: 'test', clock: fast }), /a fault/);
    fault.remove();
    const { items } = await env.client.list(KEP_KIND);
    for (let times = 0; times < 5; times++) await env.client.list(KEP_KIND);
    assert.deepEqual((await env.client.list(KEP_KIND)).items.length, items.length);
    assert.deepEqual(await known(), [[stamp(), stamp(), false]]);
    await sync(onFast, fast, 'Six');
  });

  for (const which of ['the first of its repository', 'a further one'])
    test(`waits where another one began just before it, which was ${which}`, async () => {
      const options = { source: 'fresh' };
      const gate = new Gate();
      const quick = clientAt(server, env.client.transport, (request) => gate.pass(request));
      let arrive;
      const arrived = new Promise((resolve) => (arrive = resolve));
      // it has read that there is no other one
      const late = clientAt(server, env.client.transport, async ({ method, path }) => {
        if (method !== 'PATCH' || !path.includes('/kepsyncs/')) return;
        arrive();
        await gate.arrived;
      });
      const second = syncKeps(late, contents(which, [70, 71]), { ...options, clock: fast });
      await arrived;
      const first = syncKeps(quick, contents(which, [70, 71]), { ...options, clock: slow });
      await env.eventually(() => fast.waiting === 1);
      gate.open();
      assert.equal((await first).unchanged, 0);
      await fast.advance(1000);
      assert.equal((await second).unchanged, 2);
    });

  test('that was paused writes nothing beside or behind the one that took it to be cut off', async () => {
    let goOn;
    let arrive;
    const paused = new Promise((resolve) => (goOn = resolve));
    const arrived = new Promise((resolve) => (arrive = resolve));
    let isAwake = false;
    // what was asked before is done, and nobody reads the answers; then the one about the mark is the last to come
    const transport = {
      send: async (request) => {
        if (isAwake && request.path.includes('/kepsyncs')) await sleep(200);
        const answer = await env.client.transport.send(request);
        if (request.method !== 'PATCH' || !request.path.includes('/keps/')) return answer;
        arrive();
        await paused;
        return answer;
      },
    };
    const numbers = Array.from({ length: 40 }, (_, i) => i + 100);
    const options = { source: 'paused' };
    const first = syncKeps(clientAt(server, transport), contents('Old', numbers), { ...options, clock: slow });
    const ended = assert.rejects(first, SyncLostError);
    await arrived;
    await server.advance(60_000);
    await syncKeps(onFast, contents('New', numbers), { ...options, clock: fast });
    isAwake = true;
    slow.tick(60_000);
    goOn();
    await ended;
    const { items } = await env.client.list(KEP_KIND, { labelSelector: 'keps.nekube.dev/source=paused' });
    assert.deepEqual(
      items.filter(({ spec }) => spec.title !== 'New').map(({ metadata }) => metadata.name),
      [],
    );
    assert.equal(items.length, numbers.length);
    assert.deepEqual(await known(), []);
  });
});
