// What people do with webhooks, told to a server `{url, token, ca}`; it fails by throwing.
import assert from 'node:assert/strict';
import { loadOrCreatePki } from '../../dist/pki/pki.js';
import { Connection } from '../golden/http.mjs';
import { startWebhooks } from './server.mjs';

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const PODS = '/api/v1/namespaces/default/pods';

/** Runs the story. The webhooks are reached by URL, or by a service that is another name of this machine. */
export async function tellStory(server, { byService }) {
  const pki = loadOrCreatePki(undefined, { hosts: ['hooks.default.svc'], ips: ['127.0.0.1'], now: () => new Date() });
  const webhooks = await startWebhooks({ cert: pki.servingCert, key: pki.servingKey });
  const connection = new Connection(server);
  const send = async (method, path, body, until) => {
    for (const end = Date.now() + 60_000; ; ) {
      const answer = await connection.request({ method, path, body }, {});
      if (until === undefined || answer.code === until || Date.now() > end) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  try {
    if (byService) await makeService(send);
    const caBundle = Buffer.from(pki.caCert).toString('base64');
    for (const kind of ['Mutating', 'Validating']) {
      const at = placeOf(kind, webhooks.port, byService);
      const body = configurationOf(kind, { ...at, caBundle });
      const { code, text } = await send('POST', `${CONFIGURATIONS}/${kind.toLowerCase()}webhookconfigurations`, body);
      assert.equal(code, 201, text);
    }
    await tellOfPods(send);
    assert.ok(webhooks.asked() > 0);
  } finally {
    for (const kind of ['mutating', 'validating'])
      await send('DELETE', `${CONFIGURATIONS}/${kind}webhookconfigurations/suite`);
    connection.close();
    webhooks.close();
  }
}

async function tellOfPods(send) {
  const nobodys = await send('POST', PODS, podOf('a', undefined), 403);
  assert.equal(
    JSON.parse(nobodys.text).message,
    'admission webhook "validate.suite.example.com" denied the request: whose is it?',
  );
  assert.deepEqual(nobodys.warnings, ['299 - "this pod was seen"']);
  const made = await send('POST', PODS, podOf('a', 'web'));
  assert.equal(made.code, 201, made.text);
  assert.deepEqual(JSON.parse(made.text).metadata.labels, { team: 'web', seen: 'true' });
  assert.equal((await send('DELETE', `${PODS}/a?gracePeriodSeconds=0`)).code, 200);
  assert.equal((await send('POST', PODS, podOf('b', 'core'))).code, 201);
  assert.match((await send('DELETE', `${PODS}/b?gracePeriodSeconds=0`)).text, /pods of the core stay/);
}

/** No endpoint may be on loopback, but a name can lead there. */
async function makeService(send) {
  const spec = { type: 'ExternalName', externalName: 'localhost' };
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hooks' }, spec };
  await send('POST', '/api/v1/namespaces/default/services', body);
}

function placeOf(kind, port, byService) {
  const path = kind === 'Mutating' ? '/mutate' : '/validate';
  if (!byService) return { url: `https://127.0.0.1:${port}${path}` };
  return { service: { namespace: 'default', name: 'hooks', port, path } };
}

function configurationOf(kind, clientConfig) {
  const name = `${kind === 'Mutating' ? 'mutate' : 'validate'}.suite.example.com`;
  const operations = kind === 'Mutating' ? ['CREATE'] : ['CREATE', 'DELETE'];
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations, resources: ['pods'] }];
  const webhook = { name, clientConfig, rules, admissionReviewVersions: ['v1'], sideEffects: 'None' };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: 'suite' },
    webhooks: [webhook],
  };
}

function podOf(name, team) {
  const metadata = { name, ...(team && { labels: { team } }) };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'c', image: 'i' }] } };
}
