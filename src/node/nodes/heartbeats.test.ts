import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KubeObject, newNotFound } from 'nekube/apimachinery';
import { type Client, FakeClock, sleep } from 'nekube/client';
import { Heartbeats } from './heartbeats.ts';
import type { Node, NodeDescription } from './node-object.ts';

/** Leases that count as renewed for so long. */
const DURATION_MS = 40_000;

for (const latencyMs of [0, 700, 3000])
  test(`the leases of 300 nodes are renewed in time where each write takes ${latencyMs} ms`, async () => {
    const clock = new FakeClock();
    const renewed = new Map<string, number>();
    let longest = 0;
    const written = async (lease: KubeObject): Promise<KubeObject> => {
      const { name = '' } = lease.metadata;
      longest = Math.max(longest, clock.elapsed() - (renewed.get(name) ?? clock.elapsed()));
      renewed.set(name, clock.elapsed());
      return lease;
    };
    const slow = (lease: KubeObject): Promise<KubeObject> => sleep(latencyMs, clock).then(() => written(lease));
    // the first is there at once
    const client = { get: async () => ({ metadata: { name: '' }, spec: {} }) };
    const errors: unknown[] = [];
    const beats = new Heartbeats(clock, (error) => void errors.push(error));
    for (let i = 0; i < 300; i++) {
      const metadata = { name: `node-${i}`, uid: `${i}` };
      let isFirst = true;
      const update = (lease: KubeObject): Promise<KubeObject> => {
        const named = { ...lease, metadata };
        if (!isFirst) return slow(named);
        isFirst = false;
        return written(named);
      };
      const own = { ...client, update } as unknown as Client;
      await beats.add(own, { metadata } as Node, metadata as unknown as NodeDescription);
    }
    const ending = new AbortController();
    const running = beats.run(ending.signal);
    for (let passed = 0; passed < 2 * DURATION_MS; passed += 100) await clock.advance(100);
    ending.abort();
    await clock.advance(latencyMs);
    await running;
    assert.deepEqual(errors, []);
    assert.equal(renewed.size, 300);
    assert.ok(longest > 0 && longest < DURATION_MS, `the longest was ${longest} ms`);
  });

test('a node whose write hangs keeps no other one silent', async () => {
  const clock = new FakeClock();
  const renewals = new Map<string, number>();
  const beats = new Heartbeats(clock, (error) => assert.fail(String(error)));
  for (const name of ['stuck', 'other']) {
    const metadata = { name, uid: name };
    const update = async (lease: KubeObject): Promise<KubeObject> => {
      const count = (renewals.get(name) ?? 0) + 1;
      renewals.set(name, count);
      if (name === 'stuck' && count === 2) await sleep(10 * DURATION_MS, clock);
      return lease;
    };
    const client = { get: async () => ({ metadata, spec: {} }), update } as unknown as Client;
    await beats.add(client, { metadata } as Node, metadata as unknown as NodeDescription);
  }
  const ending = new AbortController();
  const running = beats.run(ending.signal);
  for (let passed = 0; passed < 2 * DURATION_MS; passed += 1000) await clock.advance(1000);
  assert.equal(renewals.get('stuck'), 2);
  assert.ok(renewals.get('other')! >= 8, `${renewals.get('other')} renewals`);
  ending.abort();
  await clock.advance(10 * DURATION_MS);
  await running;
});

describe('of whom somebody says that it is not well', () => {
  const description = { name: 'n', address: '10.0.0.1', capacity: {}, info: {}, os: 'linux', architecture: 'amd64' };
  const metadata = { name: 'n', uid: '1' };

  async function contradicting(answers: (() => Promise<void>)[]): Promise<{ told: string[]; errors: number[] }> {
    const clock = new FakeClock();
    const told: string[] = [];
    const errors: number[] = [];
    const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
    const client = {
      get: async () => ({ metadata, spec: {}, status: { conditions } }),
      update: async (lease: KubeObject) => lease,
      async patch(_: unknown, __: unknown, { strategic }: { strategic: Node }) {
        await answers.shift()?.();
        const ready = strategic.status?.conditions?.find(({ type }) => type === 'Ready');
        told.push(`${clock.elapsed() / 1000} s: ${ready?.status} ${ready?.reason}`);
      },
    } as unknown as Client;
    const beats = new Heartbeats(clock, () => void errors.push(clock.elapsed() / 1000));
    await beats.add(client, { metadata } as Node, description);
    const ending = new AbortController();
    for (let at = 0; at < 14; at++) {
      // it is heard of more than once
      if (at === 1 || at === 2 || at === 3) void beats.contradict('n', ending.signal);
      await clock.advance(1000);
    }
    ending.abort();
    await clock.advance(60_000);
    return { told, errors };
  }

  test('a node says again at once how it is, but not more often than every ten seconds', async () => {
    const { told, errors } = await contradicting([]);
    assert.deepEqual([told, errors], [['1 s: True KubeletReady', '11 s: True KubeletReady'], []]);
  });

  test('a node says it again later where it could not', async () => {
    const refuse = (): Promise<void> => Promise.reject(new Error('refused'));
    const { told, errors } = await contradicting([refuse]);
    assert.deepEqual([told, errors], [['11 s: True KubeletReady'], [1]]);
  });

  test('a node that somebody deleted says nothing more', async () => {
    const gone = (): Promise<void> => Promise.reject(newNotFound({ group: '', resource: 'nodes' }, 'n'));
    const { told, errors } = await contradicting([gone, gone, gone]);
    assert.deepEqual([told, errors], [[], []]);
  });
});
