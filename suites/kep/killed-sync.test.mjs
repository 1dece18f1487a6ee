// `nekube kep sync` killed in the middle: what reads the server tells so, and the next sync does the rest and takes the mark away.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { KEP_KIND, KEP_SYNC_KIND } from 'nekube/kep';
import { signIn } from '../console/browser.mjs';

const MANY = 300;
const nekube = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));

describe('a sync of KEPs that is killed', () => {
  let env;
  let root;
  let ofSync;

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nekube-kep-killed-'));
    for (let number = 1; number <= MANY; number++) {
      const folder = join(root, `keps/sig-node/${number}-nap`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'kep.yaml'), `title: Nap\nkep-number: ${number}\nowning-sig: sig-node\n`);
    }
    env = await start();
    ofSync = ['kep', 'sync', '--no-history', '--from', root];
  });
  after(async () => {
    await env?.stop();
    rmSync(root, { recursive: true });
  });

  const run = (...args) =>
    new Promise((resolve) => {
      execFile(process.execPath, [nekube, ...args, '--kubeconfig', env.kubeconfig()], (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  const count = async () => (await env.client.list(KEP_KIND, { metadataOnly: true })).items.length;
  const complete = async () => {
    const { items } = await env.client.list(KEP_SYNC_KIND);
    return items.map(({ metadata, spec, status }) => [
      metadata.name,
      spec.keps,
      status.conditions.find(({ type }) => type === 'Complete').status,
    ]);
  };
  const shown = async () => {
    const running = await startConsole({ transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } });
    try {
      const browser = await signIn(running.link());
      return (await browser.fetch('/console/kep/index')).json().source.unfinished;
    } finally {
      await running.close();
    }
  };
  /** As if the last sign of life were of another time. */
  const heardOf = (time) =>
    env.client.patch(
      KEP_SYNC_KIND,
      { name: 'enhancements' },
      { merge: { status: { renewed: new Date(time).toISOString() } } },
      { subresource: 'status' },
    );
  const HOUR_MS = 3_600_000;
  const NOTE = 'note: KEPs may be missing or old: the sync of 300 KEPs of enhancements';
  const CUT_OFF = new RegExp(`^${NOTE} that began at \\S+Z was cut off at \\S+Z; nekube kep sync does the rest\n$`);
  const UNDER_WAY = new RegExp(`^${NOTE} is under way since \\S+Z\n$`);

  test('leaves a mark that lists, searches, counts and the console show', async () => {
    const child = spawn(process.execPath, [nekube, ...ofSync, '--kubeconfig', env.kubeconfig()], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    // it stands in its middle, however quick or slow it is
    const stuck = env.faults.add({ match: { verb: 'patch', resource: 'keps' }, after: MANY / 2, delayMs: 600_000 });
    await env.eventually(() => stuck.hits > 0);
    child.kill('SIGKILL');
    assert.equal(await ended, 'SIGKILL');
    stuck.remove();
    const part = await count();
    assert.ok(part < MANY, `${part} of ${MANY} are there`);
    assert.deepEqual(await complete(), [['enhancements', MANY, 'False']]);
    await heardOf(Date.now() - HOUR_MS);
    for (const args of [['list', '-o', 'name'], ['search', 'nap', '--limit', '300'], ['stats']]) {
      const { code, stderr } = await run('kep', ...args);
      assert.equal(code, 0, stderr);
      assert.match(stderr, CUT_OFF, args[0]);
    }
    assert.deepEqual(
      (await shown()).map(({ source, keps, isUnderWay }) => [source, keps, isUnderWay]),
      [['enhancements', MANY, false]],
    );
  });

  test('looks as one that is under way as long as it was heard of a moment ago', async () => {
    await heardOf(Date.now() + HOUR_MS);
    assert.match((await run('kep', 'list', '-o', 'name')).stderr, UNDER_WAY);
    assert.deepEqual(
      (await shown()).map(({ isUnderWay }) => isUnderWay),
      [true],
    );
    await heardOf(Date.now() - HOUR_MS);
  });

  test('is completed by the next one, which says so, and then nothing is said any more', async () => {
    const { code, stdout, stderr } = await run(...ofSync);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /was cut off at \S+Z; this one does the rest/);
    assert.match(stdout, /^300 KEPs: \d+ created, /);
    assert.equal(await count(), MANY);
    assert.deepEqual(await complete(), [['enhancements', MANY, 'True']]);
    assert.equal((await run('kep', 'list', '-o', 'name')).stderr, '');
    assert.equal(await shown(), undefined);
  });

  test('leaves its mark also where the one before it was whole', async () => {
    const sync = await env.client.get(KEP_SYNC_KIND, { name: 'enhancements' });
    // as far as the first write of a sync of one more: the rest of the mark is of the one before
    await env.client.apply(
      { ...KEP_SYNC_KIND, metadata: { name: 'enhancements' }, spec: { ...sync.spec, keps: MANY + 1 } },
      { fieldManager: 'nekube-kep', force: true },
    );
    assert.deepEqual(
      (await shown()).map(({ keps }) => keps),
      [MANY + 1],
    );
  });
});
