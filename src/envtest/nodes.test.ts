import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Deployment, Job, Node, Pod } from 'nekube/client/kinds';
import type { Environment } from './environment.ts';
import { start } from './start.ts';

const WAIT = { timeoutMs: 60_000 };

const template = (container: object, restartPolicy = 'Always'): object => ({
  metadata: { labels: { app: 'web' } },
  spec: { restartPolicy, containers: [{ name: 'web', image: 'web:1', ...container }] },
});
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'default', name: 'web' },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: template({}) },
} as const;
const job = (container: object): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { namespace: 'default', name: 'once' },
  spec: { template: template(container, 'Never') },
});

const isComplete = async ({ client }: Environment): Promise<boolean> => {
  const { status } = await client.get(Job, { namespace: 'default', name: 'once' });
  return status?.conditions?.some(({ type, status: is }) => type === 'Complete' && is === 'True') ?? false;
};

for (const level of ['fake', 'envtest'] as const) {
  test(`pods of a deployment get a node and become ready at ${level}`, async () => {
    await using env = await start({ level, controllers: 'all', nodes: 2 });
    await env.client.create(deployment as never);
    await env.eventually(async () => {
      const { status } = await env.client.get(Deployment, { namespace: 'default', name: 'web' });
      return status?.readyReplicas === 2;
    }, WAIT);
    const { items } = await env.client.list(Pod, { namespace: 'default' });
    assert.ok(items.every(({ spec }) => /^node-[12]$/.test(spec!.nodeName!)));
    assert.ok(items.every(({ spec }) => spec!.serviceAccountName === 'default'));
  });
}

test('a job of a file is done by the clock at fake, and by a process at envtest', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-images-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const images = join(dir, 'images.yaml');
  writeFileSync(images, 'images: [{name: web, fake: {exitCode: 0, afterSeconds: 3600}}, {name: sh, entrypoint: [sh]}]');
  {
    await using env = await start({ level: 'fake', controllers: 'all', nodes: 1, images });
    await env.client.create(job({}) as never);
    const pod = (): Promise<string | undefined> =>
      env.client.list(Pod, { namespace: 'default' }).then(({ items }) => items[0]?.status?.phase);
    await env.eventually(async () => (await pod()) === 'Running', WAIT);
    await env.clock.advance(3_601_000);
    await env.eventually(() => isComplete(env), WAIT);
  }
  await using env = await start({ level: 'envtest', controllers: 'all', nodes: 1, images });
  await env.client.create(
    job({ image: 'sh', args: ['-c', 'test "$A" = b'], env: [{ name: 'A', value: 'b' }] }) as never,
  );
  await env.eventually(() => isComplete(env), WAIT);
});

test('nodes are alive while time passes', async () => {
  await using env = await start({ level: 'fake', controllers: 'all', nodes: 1 });
  await env.clock.advance(600_000);
  const { status } = await env.client.get(Node, { name: 'node-1' });
  assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');
});

test('a number of nodes that is none is refused', async () => {
  await assert.rejects(start({ level: 'fake', nodes: -1 }), /nodes: must be a number from 0, not -1/);
});
