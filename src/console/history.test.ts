import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from 'nekube/client';
import type { PageRequest } from './endpoint.ts';
import { ClusterHistory } from './history.ts';

interface Told {
  readonly newest: { readonly revision: string; readonly time: string };
  readonly moments: readonly { readonly revision: string }[];
}

/** A history of a cluster whose newest revision is told when the test says so: `looks` has a call for each look that waits. */
function historyOf(now: () => number) {
  const looks: ((revision: number) => void)[] = [];
  const list = async (_: unknown, { limit, resourceVersion }: { limit?: number; resourceVersion?: string }) => {
    if (resourceVersion !== undefined || limit !== 1) return { metadata: { resourceVersion: '0' }, items: [] };
    const revision = await new Promise<number>((resolve) => looks.push(resolve));
    return { metadata: { resourceVersion: String(revision) }, items: [] };
  };
  const client = { list } as unknown as Client;
  const endpoint = new ClusterHistory(client, now).endpoints['GET /console/history']!;
  const { signal } = new AbortController();
  const ask = (): Promise<Told> =>
    endpoint({
      query: new URLSearchParams(),
      client,
      signal,
    } as unknown as PageRequest) as Promise<unknown> as Promise<Told>;
  return { looks, ask };
}

const revisions = ({ moments }: Told): string[] => moments.map(({ revision }) => revision);

test('two who look at once take nothing from each other, whichever is answered first', async () => {
  let now = 1000;
  const { looks, ask } = historyOf(() => now);
  const before = ask();
  looks.shift()!(3);
  await before;
  now = 2000;
  const [one, other] = [ask(), ask()];
  looks.pop()!(6);
  assert.deepEqual(revisions(await other), ['3', '6']);
  looks.pop()!(5);
  const told = await one;
  assert.deepEqual(revisions(told), ['3', '6']);
  assert.equal(told.newest.revision, '6');
});

test('a cluster that began anew has no moments of before', async () => {
  let now = 1000;
  const { looks, ask } = historyOf(() => now);
  for (const revision of [30, 2]) {
    now += 1000;
    const told = ask();
    looks.shift()!(revision);
    assert.deepEqual(revisions(await told), [String(revision)]);
  }
});

test('the newest state is that of now, also where nothing was written for long', async () => {
  let now = 1000;
  const { looks, ask } = historyOf(() => now);
  for (const time of ['1970-01-01T00:00:02.000Z', '1970-01-01T00:00:03.000Z']) {
    now += 1000;
    const told = ask();
    looks.shift()!(7);
    assert.deepEqual((await told).newest, { revision: '7', time });
  }
});
