import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
import { type Client, FakeClock, type Kind } from 'nekube/client';
import { LeadershipLostError } from './leader-election/leader-elector.ts';
import { type Network, ScriptedLeases } from './leader-election/scripted-leases.ts';
import { Manager, type ManagerOptions } from './manager.ts';
import type { Runnable, RunnableGroup } from './runnable.ts';

const WEB: Kind = { apiVersion: 'example.com/v1', kind: 'Web' };

/** A manager that runs when it is told to, and what happened in it. */
function newFixture({ clock = new FakeClock(), ...options }: Partial<ManagerOptions> & { clock?: FakeClock } = {}) {
  const client: Client = {
    defaultNamespace: 'default',
    create: async (object: KubeObject) => object,
    with: () => client,
  } as unknown as Client;
  const manager = new Manager({ client, clock, ...options });
  const happened: string[] = [];
  const abort = new AbortController();
  let ended: unknown = 'not ended';
  const start = async (): Promise<void> => {
    void manager.start(abort.signal).then(
      () => (ended = 'stopped'),
      (error: unknown) => (ended = error),
    );
    await clock.advance(10);
  };
  const stop = async (ms = 10): Promise<unknown> => {
    abort.abort();
    await clock.advance(ms);
    return ended;
  };
  return { manager, clock, happened, start, stop, ended: () => ended };
}

/** Something that notes when it starts and stops. `slowMs`: how long it takes to end. */
function noting(happened: string[], group: RunnableGroup, clock?: FakeClock, slowMs = 0): Runnable {
  return {
    name: group,
    group,
    start: async (signal) => {
      happened.push(`+${group}`);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      if (slowMs > 0) await new Promise<void>((resolve) => void clock!.after(slowMs, resolve));
      happened.push(`-${group}`);
    },
  };
}

const GROUPS: readonly RunnableGroup[] = ['leaderElection', 'others', 'caches', 'webhooks', 'http'];

test('groups start and stop in their order, whatever the order in which they were added', async () => {
  const { manager, happened, start, stop } = newFixture();
  for (const group of GROUPS) manager.add(noting(happened, group));
  await start();
  assert.deepEqual(happened, ['+http', '+webhooks', '+caches', '+others', '+leaderElection']);
  await manager.elected;
  happened.length = 0;
  assert.equal(await stop(), 'stopped');
  assert.deepEqual(happened, ['-others', '-leaderElection', '-caches', '-webhooks', '-http']);
});

test('a group starts when the one before it is ready', async () => {
  const { manager, happened, clock, start, stop } = newFixture();
  const slow: Runnable = {
    ...noting(happened, 'caches'),
    ready: () => new Promise((resolve) => void clock.after(1000, resolve)),
  };
  manager.add(slow);
  manager.add(noting(happened, 'others'));
  await start();
  assert.deepEqual(happened, ['+caches']);
  await clock.advance(1000);
  assert.deepEqual(happened, ['+caches', '+others']);
  await stop();
});

test('what is added later starts at once, and not any more when it is stopping', async () => {
  const { manager, happened, start, stop } = newFixture();
  await start();
  manager.add(noting(happened, 'others'));
  assert.deepEqual(happened, ['+others']);
  await stop();
  assert.throws(() => manager.add(noting(happened, 'others')), /Cannot add others: the manager is stopping/);
});

for (const [name, start] of [
  ['rejects', async () => Promise.reject(new Error('broken'))],
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
] as const) {
  test(`when something that runs ${name}, everything stops and start rejects with it`, async () => {
    const { manager, happened, clock, start: begin, ended } = newFixture();
    for (const group of GROUPS) manager.add(noting(happened, group));
    await begin();
    manager.add({ name: 'broken', group: 'others', start });
    await clock.advance(10);
    assert.equal((ended() as Error).message, 'broken');
    assert.equal(happened.filter((line) => line.startsWith('-')).length, GROUPS.length);
  });
}

test('when something never gets ready, a stop does not wait for it', async () => {
  const { manager, happened, start, stop } = newFixture();
  manager.add({ ...noting(happened, 'caches'), ready: () => new Promise(() => {}) });
  manager.add(noting(happened, 'others'));
  await start();
  assert.equal(await stop(), 'stopped');
  assert.deepEqual(happened, ['+caches', '-caches']);
});

test('what does not end in time is named', async () => {
  const { manager, happened, clock, start, stop } = newFixture({ gracefulStopMs: 500 });
  manager.add(noting(happened, 'others', clock, 1000));
  manager.add(noting(happened, 'http'));
  await start();
  const error = await stop(600);
  assert.match(String(error), /Cannot stop within 500 ms: still running: others$/);
});

test('a manager waits for ever if it is told to', async () => {
  const { manager, happened, clock, start, stop } = newFixture({ gracefulStopMs: -1 });
  manager.add(noting(happened, 'others', clock, 3_600_000));
  await start();
  assert.equal(await stop(3_599_000), 'not ended');
  await clock.advance(2000);
  assert.equal(await stop(), 'stopped');
});

test('a manager that is told to stop before it starts, stops', async () => {
  const { manager, happened, start, stop } = newFixture();
  manager.add(noting(happened, 'leaderElection'));
  await stop();
  await start();
  assert.equal(await stop(), 'stopped');
});

test('a manager starts once', async () => {
  const { manager, start, stop } = newFixture();
  await start();
  await assert.rejects(manager.start(), /Cannot start a manager twice/);
  await stop();
});

test('two controllers of one manager do not have the same name, and one must watch something', () => {
  const { manager } = newFixture();
  manager
    .controller('web')
    .for(WEB)
    .reconcile(async () => {});
  assert.throws(
    () =>
      manager
        .controller('web')
        .for(WEB)
        .reconcile(async () => {}),
    /There is a controller web already/,
  );
  assert.throws(() => manager.controller('other').reconcile(async () => {}), /Controller other watches nothing/);
  assert.throws(() => manager.controller('other').for(WEB).for(WEB), /Controller other is for Web already/);
});

/** A manager that takes part in an election. */
function newCandidate(leases: ScriptedLeases, clock: FakeClock, identity: string, network: Partial<Network> = {}) {
  const client = leases.client({ isCut: () => false, delayMs: () => 1, fault: () => undefined, ...network });
  return newFixture({ client, clock, leaderElection: { name: 'lease', identity } });
}

test('with an election only the leader starts what belongs to it, and others follow when it stops', async () => {
  const clock = new FakeClock();
  const leases = new ScriptedLeases(clock);
  const [a, b] = [newCandidate(leases, clock, 'a'), newCandidate(leases, clock, 'b')];
  for (const { manager, happened } of [a, b]) {
    manager.add({ ...noting(happened, 'leaderElection'), warmup: async () => void happened.push('warm') });
    manager.add(noting(happened, 'others'));
  }
  await a.start();
  await clock.advance(10);
  await b.start();
  await clock.advance(10_000);
  assert.deepEqual(a.happened, ['+others', 'warm', '+leaderElection']);
  assert.deepEqual(b.happened, ['+others', 'warm']);
  const stopped = a.stop();
  await clock.advance(5000);
  assert.equal(await stopped, 'stopped');
  assert.deepEqual(b.happened, ['+others', 'warm', '+leaderElection']);
});

test('a leader that loses its lease stops all at once, without a grace, and rejects', async () => {
  const clock = new FakeClock();
  const leases = new ScriptedLeases(clock);
  let isCut = false;
  const { manager, happened, start, ended } = newCandidate(leases, clock, 'a', { isCut: () => isCut });
  manager.add(noting(happened, 'others', clock, 60_000));
  manager.add(noting(happened, 'leaderElection'));
  await start();
  await clock.advance(10);
  isCut = true;
  await clock.advance(20_000);
  assert.ok(ended() instanceof LeadershipLostError);
  assert.deepEqual(happened, ['+others', '+leaderElection', '-leaderElection']);
});

test('a lease is kept while something still runs that belongs to the leader', async () => {
  const clock = new FakeClock();
  const leases = new ScriptedLeases(clock);
  const { manager, happened, start, stop } = newCandidate(leases, clock, 'a');
  manager.add(noting(happened, 'leaderElection', clock, 3_600_000));
  await start();
  await clock.advance(10);
  const error = await stop(40_000);
  assert.match(String(error), /still running: leaderElection/);
  assert.equal(leases.lease?.spec?.holderIdentity, 'a');
});
