// Faults as programs meet them that come by the kubeconfig over HTTP/2, as Go's do.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import { findConfig } from 'nekube/client';
import { ConfigMap } from 'nekube/client/kinds';
import { start } from 'nekube/envtest';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const configMap = (name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });

let env;
let session;
before(async () => {
  env = await start({ level: 'envtest' });
  const { server, ca, clientCertificate, clientKey } = findConfig({ kubeconfig: env.kubeconfig() });
  session = connect(server, { ca: ca.pem, cert: clientCertificate.pem, key: clientKey.pem });
});
after(async () => {
  session.destroy();
  await env.stop();
});

/** What came, and how the stream ended. */
function ask(headers, body) {
  const stream = session.request(headers);
  const heard = { text: '', status: undefined };
  const begun = new Promise((resolve) => {
    stream.on('response', (head) => resolve((heard.status = head[':status'])));
    stream.on('close', resolve);
  });
  const ended = new Promise((resolve) => {
    stream.on('error', (error) => resolve({ ...heard, failure: error.message }));
    stream.on('close', () => resolve({ ...heard }));
  });
  stream.on('data', (chunk) => (heard.text += Buffer.from(chunk)));
  stream.end(body);
  return { begun, ended };
}

test('a watch is broken off after so many events, which arrive', async () => {
  const fault = env.faults.add({ match: { verb: 'watch' }, dropWatchAfter: 2 });
  const { metadata } = await env.client.list(ConfigMap);
  const { begun, ended } = ask({ ':path': `${CONFIG_MAPS}?watch=1&resourceVersion=${metadata.resourceVersion}` });
  await begun;
  for (const name of ['a', 'b', 'c']) await env.client.create(configMap(name));
  const { text, failure } = await ended;
  assert.match(failure, /INTERNAL_ERROR/);
  const names = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).object.metadata.name);
  assert.deepEqual(names, ['a', 'b']);
  fault.remove();
});

test('an answer is lost, and what was asked is done', async () => {
  env.faults.add({ match: { verb: 'create' }, times: 1, loseAnswer: true });
  const headers = { ':path': CONFIG_MAPS, ':method': 'POST', 'content-type': 'application/json' };
  const { status, failure } = await ask(headers, JSON.stringify(configMap('lost'))).ended;
  assert.deepEqual([status, failure !== undefined], [undefined, true]);
  await env.client.get(ConfigMap, { namespace: 'default', name: 'lost' });
});

test('a failure is answered in the form that was asked for', async () => {
  env.faults.add({ match: { verb: 'get', name: 'a' }, times: 1, error: 'unavailable' });
  const accept = 'application/vnd.kubernetes.protobuf';
  const { status, text } = await ask({ ':path': `${CONFIG_MAPS}/a`, accept }).ended;
  assert.deepEqual([status, text.startsWith('k8s\0')], [503, true]);
});
