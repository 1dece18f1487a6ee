// The programs of docs/controller.md do, as they stand there, what the page says.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { Manager } from 'nekube/controller';
import { clientOf, eventually, startInProcess } from './server.mjs';
import { CONFIG_MAP, CRD, DEPLOYMENT } from './web.mjs';

const PAGE = fileURLToPath(new URL('../../docs/controller.md', import.meta.url));

const LEASE = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };

let dir;
let server;
let client;

before(async () => {
  dir = mkdtempSync(fileURLToPath(new URL('docs-', import.meta.url)));
  const sources = [...readFileSync(PAGE, 'utf8').matchAll(/```ts\n([^]*?)```/g)].map(([, source]) => source);
  assert.equal(sources.length, 3);
  const [controller, program, options] = await Promise.all(sources.map(compiled));
  writeFileSync(join(dir, 'web.mjs'), controller);
  writeFileSync(join(dir, 'main.mjs'), `import { addWebController } from './web.mjs';\n${program}`);
  writeFileSync(join(dir, 'options.mjs'), `${options}\nexport { options };`);
  server = await startInProcess();
  client = await clientOf(server);
  await client.create(CRD);
});

after(async () => {
  await client?.close();
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function compiled(source) {
  return (await transform(source, { loader: 'ts', format: 'esm' })).code;
}

function load(name) {
  return import(pathToFileURL(join(dir, name)).href);
}

/** Waits for a condition `Ready` of an object. */
function becomes(Web, key, status) {
  return eventually(`a Web whose Ready is ${status}`, async () => {
    const web = await client.get(Web, key);
    return web.status?.conditions[0].status === status;
  });
}

test('the controller of the page runs', async () => {
  const abort = new AbortController();
  const { addWebController, Web } = await load('web.mjs');
  await eventually('the kind', () => client.list(Web));
  const register = new Set();
  const manager = new Manager({ client });
  addWebController(manager, register);
  const ended = manager.start(abort.signal);
  try {
    const key = { namespace: 'default', name: 'shop' };
    await client.create({ ...Web, metadata: key, spec: { page: 'hello', replicas: 1 } });
    await becomes(Web, key, 'False');
    assert.deepEqual([...register], ['shop']);
    assert.deepEqual((await client.get(CONFIG_MAP, key)).data, { 'index.html': 'hello' });
    const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    await client.patch(DEPLOYMENT, key, { merge: { status } }, { subresource: 'status' });
    await becomes(Web, key, 'True');
    await client.delete(Web, key);
    await eventually('its end', async () => (await client.list(Web)).items.length === 0);
    assert.deepEqual([...register], []);
  } finally {
    abort.abort();
    await ended;
  }
});

test('the program of the page finds its cluster, leads, and ends well when it is told to', async () => {
  const { Web } = await load('web.mjs');
  await eventually('the kind', () => client.list(Web));
  const kubeconfig = join(dir, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf(server), { mode: 0o600 });
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const child = spawn(process.execPath, [join(dir, 'main.mjs')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (log += text));
  const exited = once(child, 'exit');
  try {
    const key = { namespace: 'default', name: 'blog' };
    await client.create({ ...Web, metadata: key, spec: { page: 'news', replicas: 1 } });
    await becomes(Web, key, 'False');
    const lease = { namespace: 'default', name: 'web.example.com' };
    assert.ok((await client.get(LEASE, lease)).spec.holderIdentity);
    child.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null], log);
    assert.equal((await client.get(LEASE, lease)).spec.holderIdentity ?? '', '');
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
});

test('the options of the cache on the page are what a manager takes', async () => {
  const { options } = await load('options.mjs');
  const abort = new AbortController();
  const manager = new Manager({ client, ...options });
  const ended = manager.start(abort.signal);
  const { reader } = manager;
  try {
    await manager.elected;
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace: 'default', name: 'uncached' } };
    await client.create(secret);
    assert.equal((await reader.get(secret, secret.metadata)).metadata.name, 'uncached');
    await assert.rejects(reader.list(CONFIG_MAP), /nothing watches it/);
  } finally {
    abort.abort();
    await ended;
  }
});

function kubeconfigOf({ url, token, ca }) {
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'it', cluster }],
    users: [{ name: 'me', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'me' } }],
    'current-context': 'it',
  });
}
