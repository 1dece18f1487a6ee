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
  /** Milliseconds by which the console's clock goes ahead, and when it was stopped, from where on it goes by them alone. */
  let later = 0;
  let stopped;

  // folders of others are none of ours
  const place = mkdtempSync(join(tmpdir(), 'nekube-field-history-'));
  const { TMPDIR } = process.env;

  before(async () => {
    process.env.TMPDIR = place;
    env = await start();
    await env.client.apply({ ...CONFIG_MAP, metadata: HERE, data: { a: '1' } }, { fieldManager: 'ci' });
    const listen = { host: '127.0.0.1', port: 0 };
    running = await startConsole({
      transport: env.client.transport,
      listen,
      now: () => (stopped ?? Date.now()) + later,
    });
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
  /** The first answer that has what there was when watching began. */
  const begun = (more) =>
    env.eventually(async () => {
      const answer = await ask(more);
      return answer.synced && answer;
    });

  test('of one object it begins with who set what', async () => {
    const { lines } = await begun('&name=a');
    assert.deepEqual(
      lines.map(({ type, path, by }) => [type, path, by.map(({ manager }) => manager)]),
      [['found', '.data.a', ['ci']]],
    );
  });

  test('what changes is told with who did it, the newest first, and who takes a field from whom', async () => {
    assert.deepEqual((await begun()).lines, []);
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
    const text = await env.eventually(async () => {
      const answer = await browser.fetch(path);
      return answer.json().synced && answer.text;
    });
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

  test('it is one, who asks for it at the same time', async () => {
    const before = folders().length;
    const other = await signIn(running.link());
    const path = '/console/field-history?apiVersion=v1&kind=Service&namespace=default';
    const answers = await Promise.all(Array.from({ length: 5 }, () => other.fetch(path)));
    assert.deepEqual(
      answers.map(({ code }) => code),
      Array(5).fill(200),
    );
    assert.equal(folders().length, before + 1);
    await other.fetch('/console/signout', { method: 'POST' });
    await env.eventually(() => folders().length === before);
  });

  test('that one session ends takes it from no other one of the same person', async () => {
    const path = '/console/field-history?apiVersion=v1&kind=Endpoints&namespace=default';
    const [one, other] = [await signIn(running.link()), await signIn(running.link())];
    const { since } = (await other.fetch(path)).json();
    await one.fetch(path);
    await one.fetch('/console/signout', { method: 'POST' });
    assert.equal((await other.fetch(path)).json().since, since);
    const before = folders().length;
    await other.fetch('/console/signout', { method: 'POST' });
    await env.eventually(() => folders().length === before - 1);
  });

  test('a kind that nobody serves is not found, and leaves nothing', async () => {
    const before = folders().length;
    const path = '/console/field-history?apiVersion=example.com/v1&kind=Thing';
    const answers = await Promise.all([browser.fetch(path), browser.fetch(path)]);
    assert.deepEqual(
      answers.map(({ code }) => code),
      [404, 404],
    );
    assert.equal(folders().length, before);
  });

  test('who may not list the objects any more is told nothing of them', async () => {
    const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' };
    const metadata = { name: 'reads-config-maps', namespace: 'default' };
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name };
    const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'rita' }];
    await env.client.create({ ...rbac, kind: 'Role', metadata, rules });
    await env.client.create({ ...rbac, kind: 'RoleBinding', metadata, roleRef, subjects });
    const rita = await signIn(running.link({ user: 'rita' }));
    await env.eventually(async () => (await rita.fetch(PATH)).code === 200);
    const before = folders().length;
    await env.client.delete({ ...rbac, kind: 'RoleBinding' }, metadata);
    await env.eventually(async () => (await rita.fetch(PATH)).code === 403);
    await env.eventually(() => folders().length === before - 1);
  });

  test('of more than twenty the one goes that was looked at longest ago, unless all are looked at', async () => {
    // however long it takes to ask: what counts is how much later it is by the clock
    stopped = Date.now();
    const other = await signIn(running.link());
    const before = folders().length;
    const path = (name) => `/console/field-history?apiVersion=v1&kind=ConfigMap&namespace=default&name=${name}`;
    const names = Array.from({ length: 20 - before }, (_, i) => `object-${i}`);
    const answers = await Promise.all(names.map((name) => other.fetch(path(name))));
    assert.ok(answers.every(({ code }) => code === 200));
    later += 20_000;
    for (const name of names) await other.fetch(path(name));
    // those that others asked for go first
    later += 20_000;
    for (let i = 0; i < before; i++) await other.fetch(path(`more-${i}`));
    const refused = await Promise.all([other.fetch(path('one-more')), other.fetch(path('one-more'))]);
    assert.deepEqual(
      refused.map(({ code }) => code),
      [429, 429],
    );
    later += 31_000;
    const twice = await Promise.all([other.fetch(path('one-more')), other.fetch(path('one-more'))]);
    assert.deepEqual(
      twice.map(({ code }) => code),
      [200, 200],
    );
    await env.eventually(() => folders().length === 20);
    await other.fetch('/console/signout', { method: 'POST' });
    await env.eventually(() => folders().length === 0);
  });
});
