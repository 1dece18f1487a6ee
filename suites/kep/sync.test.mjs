// `syncKeps` on a server: only what differs is written, what is gone is removed, and a sync that was ended is completed by the next.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from 'nekube/envtest';
import { folderTree, KEP_KIND, readCheckout, syncKeps } from 'nekube/kep';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

describe('KEPs are brought to a server', () => {
  let env;
  let root;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nekube-kep-sync-'));
    env = await start();
  });
  after(async () => {
    await env?.stop();
    rmSync(root, { recursive: true });
  });

  const put = (folder, fields) => {
    const file = join(root, 'keps', folder, 'kep.yaml');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      Object.entries(fields)
        .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
        .join(''),
    );
  };
  const kep = (number, status) => ({
    ...{ title: `KEP ${number}`, 'kep-number': number, authors: ['@a'], approvers: ['@b'], 'owning-sig': 'sig-node' },
    ...{ status, stage: 'stable', 'creation-date': '2020-01-01', milestone: { alpha: 'v1.30' } },
  });
  const contents = () => {
    const { keps, findings } = readCheckout(folderTree(root));
    return keps.map((one) => ({ kep: one, findings: findings.filter(({ file }) => file.startsWith(`${one.path}/`)) }));
  };
  const sync = (options = {}) =>
    syncKeps(env.client, contents(), { source: 'test', now: () => new Date('2026-01-02T03:04:05Z'), ...options });
  const live = async () => {
    const { items } = await env.client.list(KEP_KIND);
    return items.map(
      ({ metadata, spec, status }) => `${metadata.name} ${spec.status ?? '-'} ${status.conditions[0].status}`,
    );
  };

  test('made, with what is odd about them in their status', async () => {
    put('sig-node/1-one', kep(1, 'implemented'));
    put('sig-node/2-two', kep(2, 'imlpemented'));
    assert.deepEqual(await sync(), { created: 2, changed: 0, unchanged: 0, removed: 0 });
    assert.deepEqual(await live(), ['1-one implemented False', '2-two - False']);
    const two = await env.client.get(KEP_KIND, { name: '2-two' });
    assert.deepEqual(two.spec.written, { status: 'imlpemented' });
    assert.ok(two.status.findings.some(({ rule }) => rule === 'status-unknown'));
  });

  test('once: a second time nothing is written', async () => {
    const { metadata } = await env.client.list(KEP_KIND);
    assert.deepEqual(await sync(), { created: 0, changed: 0, unchanged: 2, removed: 0 });
    const again = await env.client.list(KEP_KIND);
    assert.equal(again.metadata.resourceVersion, metadata.resourceVersion);
  });

  test('and changed and removed with the repository, but not those of another', async () => {
    await syncKeps(env.client, [], { source: 'other', now: () => new Date() });
    put('sig-node/1-one', kep(1, 'withdrawn'));
    rmSync(join(root, 'keps/sig-node/2-two'), { recursive: true });
    put('sig-node/3-three', kep(3, 'provisional'));
    assert.deepEqual(await sync(), { created: 1, changed: 1, unchanged: 0, removed: 1 });
    assert.deepEqual(await live(), ['1-one withdrawn False', '3-three provisional False']);
  });

  test('also where a sync was ended in between: the next one does the rest', async () => {
    for (let i = 10; i < 40; i++) put(`sig-node/${i}-x`, kep(i, 'provisional'));
    const ended = new AbortController();
    const onProgress = (done) => {
      if (done === 12) ended.abort();
    };
    await assert.rejects(sync({ signal: ended.signal, onProgress }));
    const { created, changed, unchanged } = await sync();
    assert.equal(created + changed + unchanged, 32);
    assert.ok(unchanged >= 2, `${unchanged} were whole`);
    const { items } = await env.client.list(KEP_KIND);
    assert.deepEqual(
      items
        .filter(({ status, metadata }) => status?.conditions === undefined || !metadata.annotations)
        .map((one) => one.metadata.name),
      [],
    );
  });
});
