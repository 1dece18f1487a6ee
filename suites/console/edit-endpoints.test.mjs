// Edits of whole objects as programs ask for them, where something is taken away from others.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { signIn } from './browser.mjs';

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

describe('an edit that takes fields away from others', () => {
  let env;
  let running;
  let browser;

  before(async () => {
    env = await start();
    running = await startConsole({ transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 } });
    browser = await signIn(running.link());
  });
  after(async () => {
    await running?.close();
    await env?.stop();
  });

  const post = async (path, body) => {
    const answer = await browser.fetch(path, { method: 'POST', body });
    return { code: answer.code, ...answer.json() };
  };
  const live = (name) => env.client.get(CONFIG_MAP, { namespace: 'default', name });
  const made = (name) =>
    env.client.apply(
      { ...CONFIG_MAP, metadata: { name, namespace: 'default' }, data: { a: '1', b: '1' } },
      { fieldManager: 'owner' },
    );
  const managersOf = ({ metadata }) =>
    metadata.managedFields.map(({ manager, operation }) => `${manager} ${operation}`);

  test('is one write where that is all, by a manager that then owns nothing', async () => {
    const base = await made('only');
    const body = { object: { ...base, data: { a: '1' } }, base, remove: ['.data.b'] };
    const plan = await post('/console/edit/plan', body);
    assert.equal(plan.applies, false);
    assert.deepEqual(
      plan.removals.map(({ path, taken, owners }) => [path, taken, owners[0].manager]),
      [['.data.b', true, 'owner']],
    );
    const { object } = await post('/console/edit/apply', { ...body, planned: plan.resourceVersion });
    assert.deepEqual(object.data, { a: '1' });
    assert.deepEqual(managersOf(await live('only')), ['owner Apply']);
  });

  test('and applies others is both, and says before that there is something to apply', async () => {
    const base = await made('both');
    const body = { object: { ...base, data: { a: '1', c: '1' } }, base, remove: ['.data.b'] };
    const plan = await post('/console/edit/plan', body);
    assert.equal(plan.applies, true);
    const { object } = await post('/console/edit/apply', { ...body, planned: plan.resourceVersion });
    assert.deepEqual(object.data, { a: '1', c: '1' });
    assert.deepEqual(managersOf(await live('both')).sort(), ['nekube-console Apply', 'owner Apply']);
  });

  test('takes nothing when the apply would be refused', async () => {
    const base = await made('refused');
    const conflict = { object: { ...base, data: { a: '2' } }, base, remove: ['.data.b'] };
    const { resourceVersion } = base.metadata;
    assert.equal((await post('/console/edit/apply', { ...conflict, planned: resourceVersion })).code, 409);
    const metadata = { ...base.metadata, labels: { 'not a label': 'x' } };
    const invalid = { object: { ...base, metadata, data: { a: '1' } }, base, remove: ['.data.b'] };
    assert.equal((await post('/console/edit/apply', { ...invalid, planned: resourceVersion })).code, 422);
    const after = await live('refused');
    assert.equal(after.metadata.resourceVersion, resourceVersion);
    assert.deepEqual(after.data, { a: '1', b: '1' });
  });

  test('and gives an object its first label is all of that', async () => {
    const base = await made('labelled');
    const metadata = { ...base.metadata, labels: { app: 'web' } };
    const body = { object: { ...base, metadata, data: { a: '1' } }, base, remove: ['.data.b'] };
    const { object } = await post('/console/edit/apply', { ...body, planned: base.metadata.resourceVersion });
    assert.deepEqual([object.metadata.labels, object.data], [{ app: 'web' }, { a: '1' }]);
  });

  test('that was planned for another state of the object is refused', async () => {
    const base = await made('stale');
    const body = { object: { ...base, data: { a: '1' } }, base, remove: ['.data.b'], planned: '1' };
    assert.equal((await post('/console/edit/apply', body)).code, 409);
    assert.deepEqual((await live('stale')).data, { a: '1', b: '1' });
  });

  test('and every other plan and apply of a Secret tells no value of it', async () => {
    const encoded = (text) => Buffer.from(text).toString('base64');
    const values = ['hunter2-before', 'hunter2-after', 'hunter2-last'].map(encoded);
    const metadata = { name: 'told', namespace: 'default' };
    const secret = (value) => ({ apiVersion: 'v1', kind: 'Secret', metadata, data: { token: value } });
    await env.client.apply(secret(values[0]), { fieldManager: 'owner' });
    const base = await env.client.get({ apiVersion: 'v1', kind: 'Secret' }, metadata);
    const force = { force: ['.data.token'] };
    const edit = { object: { ...base, data: { token: values[2] } } };
    const asked = [
      ['/console/plan', () => ({ object: secret(values[1]) })],
      ['/console/plan', () => ({ object: secret(values[1]), ...force })],
      ['/console/apply', () => ({ object: secret(values[1]), ...force })],
      ['/console/edit/plan', (now) => ({ ...edit, base: now })],
      ['/console/edit/apply', (now) => ({ ...edit, base: now, planned: now.metadata.resourceVersion })],
    ];
    for (const [path, bodyOf] of asked) {
      const now = await env.client.get({ apiVersion: 'v1', kind: 'Secret' }, metadata);
      const { code, text } = await browser.fetch(path, { method: 'POST', body: bodyOf(now) });
      assert.equal(code, 200, text);
      assert.match(text, /token/);
      for (const value of values) assert.ok(!text.includes(value), `${path}: ${text}`);
    }
    const { data } = await env.client.get({ apiVersion: 'v1', kind: 'Secret' }, metadata);
    assert.equal(data.token, values[2]);
  });
});
