// Secrets that hold tokens of service accounts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isThere, startWorld } from './world.mjs';

const ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' };
const SECRET = { apiVersion: 'v1', kind: 'Secret' };

let world;
let client;
before(async () => {
  world = await startWorld('serviceaccount-token-controller');
  client = world.client;
});
after(() => world?.stop());

const secretOf = (namespace, name, account) =>
  client.create({
    ...SECRET,
    metadata: { namespace, name, annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
  });

test('a Secret for an account gets its token, which holds until the Secret is gone', async () => {
  const namespace = await world.env.namespace();
  const account = await client.create({ ...ACCOUNT, metadata: { namespace, name: 'robot' } });
  await secretOf(namespace, 'token', 'robot');
  const key = { namespace, name: 'token' };
  const secret = await world.env.eventually(async () => {
    const found = await client.get(SECRET, key);
    return found.data?.token !== undefined && found;
  });
  const text = (name) => Buffer.from(secret.data[name], 'base64').toString();
  assert.equal(text('namespace'), namespace);
  assert.equal(text('ca.crt'), 'a CA');
  assert.equal(secret.metadata.annotations['kubernetes.io/service-account.uid'], account.metadata.uid);
  const review = () =>
    client.create({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: {},
      spec: { token: text('token') },
    });
  const { status } = await review();
  assert.equal(status.user?.username, `system:serviceaccount:${namespace}:robot`);
  await client.delete(SECRET, key);
  await world.env.eventually(async () => (await review()).status.authenticated !== true);
});

test('a Secret whose account is gone, or never was, is deleted', async () => {
  const namespace = await world.env.namespace();
  await client.create({ ...ACCOUNT, metadata: { namespace, name: 'robot' } });
  await secretOf(namespace, 'token', 'robot');
  await world.env.eventually(async () => Boolean((await client.get(SECRET, { namespace, name: 'token' })).data?.token));
  await secretOf(namespace, 'never', 'nobody').catch(() => {});
  await client.delete(ACCOUNT, { namespace, name: 'robot' });
  for (const name of ['token', 'never'])
    await world.env.eventually(async () => !(await isThere(client, SECRET, { namespace, name })));
});
