// The programs of `nekube assets` do what envtest and its users need of them.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ensureAssets } from 'nekube/envtest';
import { Certificates, freePorts, Pair, responseTo } from './pair.mjs';

const dir = mkdtempSync(join(tmpdir(), 'nekube-assets-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const { path: folder } = ensureAssets({ dir });

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const configMap = (name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

async function started(t) {
  const pair = new Pair(folder);
  t.after(() => pair.stop());
  await pair.start();
  return pair;
}

test('users are who their certificates say, and nobody by those of another CA', async (t) => {
  const pair = await started(t);
  const { certificates } = pair;
  assert.equal((await pair.get('/api/v1/namespaces/default', pair.admin)).code, 200);
  const joe = await pair.get(CONFIG_MAPS, certificates.client('joe'));
  assert.equal(joe.code, 403);
  assert.match(joe.body.message, /^configmaps is forbidden: User "joe" cannot list resource "configmaps"/);
  const anonymous = await pair.get(CONFIG_MAPS);
  assert.match(anonymous.body.message, /User "system:anonymous" cannot list/);
  const stranger = certificates.client('admin', ['system:masters'], new Certificates().clients);
  assert.equal((await pair.get(CONFIG_MAPS, stranger)).code, 401);
});

test('tokens of service accounts are of the issuer and the key that flags name', async (t) => {
  const pair = await started(t);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a' } };
  await pair.send('POST', '/api/v1/namespaces/default/serviceaccounts', pair.admin, account);
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const path = '/api/v1/namespaces/default/serviceaccounts/a/token';
  const { body } = await pair.send('POST', path, pair.admin, request);
  const claims = JSON.parse(Buffer.from(body.status.token.split('.')[1], 'base64url').toString());
  assert.equal(claims.iss, `${pair.url}/`);
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: body.status.token } };
  const reviewed = await pair.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', pair.admin, review);
  assert.equal(reviewed.body.status.user.username, 'system:serviceaccount:default:a');
});

test('a kube-apiserver that is started anew has what its etcd keeps, and so has an etcd by its directory', async (t) => {
  const pair = await started(t);
  assert.equal((await pair.send('POST', CONFIG_MAPS, pair.admin, configMap('kept'))).code, 201);
  const { uid } = (await pair.get(`${CONFIG_MAPS}/kept`, pair.admin)).body.metadata;
  assert.equal(await pair.server.end('SIGTERM'), 0);
  await pair.startServer();
  assert.equal((await pair.get(`${CONFIG_MAPS}/kept`, pair.admin)).body.metadata.uid, uid);
  assert.equal(await pair.server.end('SIGTERM'), 0);
  assert.equal(await pair.etcd.end('SIGTERM'), 0);
  await pair.start();
  assert.equal((await pair.get(`${CONFIG_MAPS}/kept`, pair.admin)).body.metadata.uid, uid);
});

/** A watch that has begun; `end` resolves when it is over. */
async function watchIn(pair) {
  const req = pair.open('GET', `${CONFIG_MAPS}?watch=1`, pair.admin);
  req.end();
  const response = await responseTo(req);
  const end = new Promise((resolve) =>
    response
      .on('error', () => {})
      .on('close', resolve)
      .resume(),
  );
  return { end };
}

for (const signal of ['SIGTERM', 'SIGINT'])
  test(`${signal} ends both, with watches open`, async (t) => {
    const pair = await started(t);
    const closed = await Promise.all([1, 2, 3].map(() => watchIn(pair)));
    assert.equal(await pair.server.end(signal), 0);
    await Promise.all(closed.map(({ end }) => end));
    assert.equal(await pair.etcd.end(signal), 0);
  });

test('what was compiled is kept once by who has served, and is not trusted', async (t) => {
  const copy = join(dir, 'copy');
  cpSync(folder, copy, { recursive: true });
  const kept = () =>
    readdirSync(copy)
      .filter((name) => name.endsWith('.code'))
      .sort();
  const inodes = () => kept().map((name) => statSync(join(copy, name)).ino);
  for (const name of kept()) rmSync(join(copy, name));
  const run = async () => {
    const pair = new Pair(copy);
    t.after(() => pair.stop());
    await pair.start();
    assert.equal(await pair.server.end('SIGTERM'), 0);
    assert.equal(await pair.etcd.end('SIGTERM'), 0);
  };
  await run();
  const [name] = kept();
  assert.deepEqual(
    kept().map((one) => one.split('.')[0]),
    ['etcd', 'kube-apiserver'],
  );
  const before = inodes();
  await run();
  assert.deepEqual(inodes(), before);
  writeFileSync(join(copy, name), 'no code');
  await run();
});

test('a port that is taken is said, and ends a program at once', async (t) => {
  const pair = await started(t);
  const port = new URL(pair.url).port;
  const second = pair.newServer(Number(port));
  assert.equal(await second.ended, 1);
  assert.match(
    second.said,
    /failed to create listener: failed to listen on 127\.0\.0\.1:\d+: .*address already in use/,
  );
});

test('who reads what the programs say may leave', async (t) => {
  const pair = await started(t);
  for (const { child } of [pair.server, pair.etcd]) for (const stream of [child.stdout, child.stderr]) stream.destroy();
  const plugins = { ...configMap('x'), metadata: { name: 'x', namespace: 'absent' } };
  for (let i = 0; i < 3; i++) await pair.send('POST', CONFIG_MAPS, pair.admin, plugins);
  assert.equal((await pair.send('POST', CONFIG_MAPS, pair.admin, configMap('after'))).code, 201);
  assert.equal(await pair.server.end('SIGTERM'), 0);
  assert.equal(await pair.etcd.end('SIGTERM'), 0);
});

test('two kube-apiservers on one etcd see the same', async (t) => {
  const pair = await started(t);
  const { url, server: first } = pair;
  t.after(() => first.end('SIGKILL'));
  const [port] = await freePorts(1);
  await pair.startServer(port);
  assert.equal((await pair.send('POST', CONFIG_MAPS, pair.admin, configMap('shared'))).code, 201);
  pair.url = url;
  assert.equal((await pair.get(`${CONFIG_MAPS}/shared`, pair.admin)).code, 200);
});

test('ten pairs at once become ready, each with data of its own', async (t) => {
  const pairs = await Promise.all(Array.from({ length: 10 }, () => started(t)));
  await Promise.all(pairs.map((pair, i) => pair.send('POST', CONFIG_MAPS, pair.admin, configMap(`of-${i}`))));
  const names = await Promise.all(
    pairs.map(async (pair) =>
      (await pair.get(CONFIG_MAPS, pair.admin)).body.items.map(({ metadata }) => metadata.name),
    ),
  );
  assert.deepEqual(
    names,
    pairs.map((_, i) => [`of-${i}`]),
  );
});
