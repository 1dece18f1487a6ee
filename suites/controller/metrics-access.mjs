// Who may read a manager's metrics, asked of a real server: tokens of service accounts, and a role for the path.
import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { OpsServer, PrometheusMetrics, reviewedAccess } from 'nekube/controller';
import { clientOf, eventually } from './server.mjs';

const RBAC = 'rbac.authorization.k8s.io';
const SERVICE_ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' };

/** Tells the story; rejects where it goes otherwise. */
export async function tellMetricsAccessStory(target) {
  const client = await clientOf(target);
  const server = new OpsServer({
    port: 0,
    metrics: new PrometheusMetrics().registry,
    access: reviewedAccess({ client }),
  });
  const over = new AbortController();
  const running = server.start(over.signal);
  try {
    await server.ready();
    await client.create({
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'metrics-reader' },
      rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }],
    });
    await client.create({
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'metrics-reader' },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'metrics-reader' },
      subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'reader' }],
    });
    const [reader, stranger] = [await tokenOf(client, 'reader'), await tokenOf(client, 'stranger')];
    // a refusal is kept for a while, so the roles have to be known to the server first
    await eventually('the role is known', () => mayRead(client, 'system:serviceaccount:default:reader'));
    assert.deepEqual(await read(server.url, ''), { status: 401, text: 'Unauthorized\n' });
    assert.deepEqual(await read(server.url, 'Bearer nonsense'), { status: 401, text: 'Unauthorized\n' });
    assert.deepEqual(await read(server.url, `Bearer ${stranger}`), {
      status: 403,
      text: 'Authorization denied for user system:serviceaccount:default:stranger\n',
    });
    const { status, text } = await read(server.url, `Bearer ${reader}`);
    assert.equal(status, 200);
    assert.match(text, /^process_cpu_seconds_total /m);
  } finally {
    over.abort();
    await running;
    await client.close();
  }
}

async function tokenOf(client, name) {
  const key = { namespace: 'default', name };
  await client.create({ ...SERVICE_ACCOUNT, metadata: key });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: {} };
  return (await client.createSubresource(SERVICE_ACCOUNT, key, 'token', request)).status.token;
}

async function mayRead(client, user) {
  const review = await client.create({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: { user, nonResourceAttributes: { path: '/metrics', verb: 'get' } },
  });
  return review.status.allowed;
}

function read(url, authorization) {
  return new Promise((resolve, reject) => {
    // the certificate was made by the server for itself
    const agent = new Agent({ rejectUnauthorized: false });
    request(`${url}/metrics`, { agent, headers: { authorization } }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    })
      .on('error', reject)
      .end();
  });
}
