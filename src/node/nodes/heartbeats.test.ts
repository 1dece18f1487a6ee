import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from 'nekube/apimachinery';
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
