// The history of fields that a console keeps while somebody asks for it.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { signIn } from './browser.mjs';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const HERE = { name: 'a', namespace: 'default' };
const PATH = '/console/field-history?apiVersion=v1&kind=ConfigMap&namespace=default';

describe('the field history of a console', () => {
  let env;
  let running;
  let browser;

  // folders of others are none of ours
  const place = mkdtempSync(join(tmpdir(), 'nekube-field-history-'));
  const { TMPDIR } = process.env;

  before(async () => {
    process.env.TMPDIR = place;
    env = await start();
    await env.client.apply({ ...CONFIG_MAP, metadata: HERE, data: { a: '1' } }, { fieldManager: 'ci' });
    running = await startConsole({ transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } });
    browser = await signIn(running.link());
  });
  after(async () => {
    await running?.close();
    await env?.stop();
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(place, { recursive: true });
  });

  const folders = () => readdirSync(place).filter((name) => name.startsWith('nekube-console-history-'));
  const set = (a, fieldManager) => env.client.patch(CONFIG_MAP, HERE, { merge: { data: { a } } }, { fieldManager });
  const ask = async (more = '') => (await browser.fetch(PATH + more)).json();

  test('of one object it begins with who set what', async () => {
    const { synced, lines } = await ask('&name=a');
    assert.equal(synced, true);
    assert.deepEqual(
      lines.map(({ type, path, by }) => [type, path, by.map(({ manager }) => manager)]),
      [['found', '.data.a', ['ci']]],
    );
  });

  test('what changes is told with who did it, the newest first, and who takes a field from whom', async () => {
    assert.deepEqual((await ask()).lines, []);
    for (const [a, by] of [
      ['2', 'hand'],
      ['1', 'robot'],
      ['2', 'hand'],
      ['1', 'robot'],
      ['2', 'hand'],
    ])
      await set(a, by);
    const { lines, wars } = await env.eventually(async () => {
      const answer = await ask();
      return answer.lines.length >= 5 && answer;
    });
    assert.deepEqual(
      lines.map(({ value, by }) => `${value} ${by[0].manager}`),
      ['2 hand', '1 robot', '2 hand', '1 robot', '2 hand'],
    );
    assert.deepEqual(
      wars.map(({ path }) => path),
      ['.data.a'],
    );
    // who set it before belongs to it, too, if that was in the same second
    const sides = wars[0].sides.map(({ manager }) => manager).filter((manager) => manager !== 'ci');
    assert.deepEqual(sides.sort(), ['hand', 'robot']);
  });

  test('values of secrets are not in it', async () => {
    const metadata = { name: 's', namespace: 'default' };
    await env.client.create({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: { token: 'hunter2' } });
    const path = '/console/field-history?apiVersion=v1&kind=Secret&namespace=default&name=s';
    const { text } = await browser.fetch(path);
    assert.match(text, /"hidden":"secret"/);
    assert.ok(!text.includes(Buffer.from('hunter2').toString('base64')));
  });

  test('who may not read the objects is told so by the cluster', async () => {
    const other = await signIn(running.link({ user: 'nobody', groups: [] }));
    const { code, text } = await other.fetch(PATH);
    assert.equal(code, 403);
    assert.match(text, /cannot list resource/);
  });

  test('what must be asked is said', async () => {
    assert.equal((await browser.fetch('/console/field-history?kind=ConfigMap')).code, 400);
  });

  test('it goes with the session and with the console', async () => {
    const before = folders().length;
    const other = await signIn(running.link());
    await other.fetch('/console/field-history?apiVersion=v1&kind=Pod&namespace=default');
    assert.equal(folders().length, before + 1);
    await other.fetch('/console/signout', { method: 'POST' });
    await env.eventually(() => folders().length === before);
  });
});
