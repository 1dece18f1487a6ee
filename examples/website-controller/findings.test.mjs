// What only one of the levels finds, or finds in a test's time; the guide (docs/testing.md) tells of these.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createLogger, fixedCertificate, Manager } from 'nekube/controller';
import { start } from 'nekube/envtest';
import { loadOrCreatePki } from 'nekube/pki';
import { websiteWebhooks } from './webhook.mjs';
import { addWebsiteController, Deployment, Website } from './website.mjs';

const config = (name) => fileURLToPath(new URL(`config/${name}`, import.meta.url));
const Namespace = { apiVersion: 'v1', kind: 'Namespace' };
const HOUR_MS = 3_600_000;
const crds = [config('websites.yaml')];
const webhooks = [config('webhook.yaml')];

/** A test of one level is skipped at others; cluster must be asked for. */
function only(level) {
  const asked = process.env.NEKUBE_TEST_LEVEL || (level === 'cluster' ? '' : level);
  return { skip: asked === level ? false : `it is for level ${level}` };
}

function website(namespace, name, spec = {}) {
  return { ...Website, metadata: { namespace, name }, spec: { domain: `${name}.example`, ...spec } };
}

/** Runs the controller while `use` works. */
async function controlled(env, namespace, use, options = {}) {
  const stop = new AbortController();
  const manager = new Manager({ client: env.client, clock: env.clock, cache: { namespaces: [namespace] }, ...options });
  addWebsiteController(manager, new Map());
  const running = manager.start(stop.signal);
  try {
    return await use();
  } finally {
    stop.abort();
    await running;
  }
}

/** An environment as long as `use` works. */
async function inEnvironment(options, use) {
  const env = await start({ crds, ...options });
  try {
    return await use(env);
  } finally {
    await env.stop();
  }
}

test('fake: a website of a working day ends after eight hours', only('fake'), () =>
  inEnvironment({ level: 'fake' }, async (env) => {
    const namespace = await env.namespace();
    await env.client.create(website(namespace, 'day', { expiresAfterSeconds: 8 * 3600 }));
    await controlled(env, namespace, async () => {
      const replicas = async () => (await env.client.get(Deployment, { namespace, name: 'day' })).spec.replicas;
      await env.eventually(async () => (await replicas()) === 1);
      await env.clock.advance(7 * HOUR_MS);
      assert.equal(await replicas(), 1);
      await env.clock.advance(HOUR_MS);
      await env.eventually(async () => (await replicas()) === 0);
    });
  }),
);

test('envtest: a webhook whose certificate is of nobody that the server knows', only('envtest'), async () => {
  const create = (env) => env.client.create(website('default', 'shop'));
  const itself = loadOrCreatePki(undefined, { hosts: ['elsewhere'], ips: [], now: () => new Date() });
  const certificates = fixedCertificate({ cert: itself.servingCert, key: itself.servingKey });
  // at fake the handler is called in this process, and the certificate is never looked at
  await inEnvironment({ level: 'fake', webhooks }, async (env) => {
    const hooks = websiteWebhooks(env.client, { certificates });
    env.webhooks.serve((request) => hooks.answer(request));
    await create(env);
  });
  await inEnvironment({ level: 'envtest', webhooks }, async (env) => {
    const { host, port } = await env.webhooks.handOut();
    const stop = new AbortController();
    const served = websiteWebhooks(env.client, { certificates, host, port });
    const running = served.start(stop.signal);
    await served.ready();
    await assert.rejects(create(env), /failed calling webhook .*: tls: failed to verify certificate: x509: /);
    stop.abort();
    await running;
  });
});

test('envtest: the controller as a program, by a kubeconfig', only('envtest'), () =>
  inEnvironment({ level: 'envtest' }, async (env) => {
    await env.client.create(website('default', 'shop'));
    const main = fileURLToPath(new URL('main.mjs', import.meta.url));
    const KUBECONFIG = env.kubeconfig();
    const child = spawn(process.execPath, [main], { env: { ...process.env, KUBECONFIG }, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const key = { namespace: 'default', name: 'shop' };
    await env.eventually(() => env.client.get(Deployment, key), { timeoutMs: 60_000 });
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  }),
);

test('cluster: what its administrators ask for', only('cluster'), () =>
  inEnvironment({ level: 'cluster' }, async (env) => {
    const namespace = await env.namespace();
    const labels = { 'example.com/strict': 'true' };
    await env.client.patch(Namespace, { name: namespace }, { merge: { metadata: { labels } } });
    await env.client.create(website(namespace, 'shop'));
    const said = [];
    const logger = createLogger({ format: 'json', write: (line) => said.push(line) });
    const refused = () => said.some((line) => /denied request: a container has no requests/.test(line));
    const goes = async () => (await env.client.list(Website, { namespace })).items.length === 0;
    const use = async () => {
      await env.eventually(refused, { timeoutMs: 60_000 });
      await env.client.delete(Website, { namespace, name: 'shop' });
      await env.eventually(goes);
    };
    await controlled(env, namespace, use, { logger });
  }),
);
