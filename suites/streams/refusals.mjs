// Requests for what runs on nodes that come to nothing, and how they are asked: of a server of ours and of the real one.
import { request } from 'node:https';
import { connect } from 'nekube/client';

const POD = '/api/v1/namespaces/default/pods';
const SPDY = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' };
const WEBSOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  'sec-websocket-protocol': 'v4.channel.k8s.io',
};

const pod = (name, nodeName, containers = ['c'], status = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { ...(nodeName && { nodeName }), containers: containers.map((one) => ({ name: one, image: 'x' })) },
  status,
});

const node = (name, addresses, port) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  status: { addresses, ...(port && { daemonEndpoints: { kubeletEndpoint: { Port: port } } }) },
});

/** Where nobody listens. */
const nowhere = [
  { type: 'InternalIP', address: '127.0.0.1' },
  { type: 'ExternalIP', address: '127.0.0.2' },
];

/** What is there before. */
export const OBJECTS = [
  node('refused', nowhere, 1),
  node('bare', []),
  node('strange', [{ type: 'Other', address: 'here' }]),
  pod('unbound'),
  pod('gone', 'no-such-node'),
  pod('refused', 'refused'),
  pod('bare', 'bare'),
  pod('strange', 'strange'),
  pod('two', 'refused', ['a', 'b']),
  pod('local', 'refused', ['c'], { podIPs: [{ ip: '127.0.0.1' }], podIP: '127.0.0.1' }),
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' }, spec: { ports: [{ port: 80 }] } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'looks' },
    rules: [{ apiGroups: [''], resources: ['pods/exec', 'pods/attach', 'pods/portforward'], verbs: ['get'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'looks' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'looks' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'looker' }],
  },
];

const pods = ['unbound', 'gone', 'refused', 'bare', 'strange', 'two', 'none'];

/** What is asked: the name says what about. */
export const CASES = [
  ...pods.map((name) => ({ name: `log of ${name}`, method: 'GET', path: `${POD}/${name}/log` })),
  ...pods.flatMap((name) =>
    ['exec', 'attach', 'portforward'].flatMap((sub) => [
      {
        name: `${sub} of ${name} without an upgrade`,
        method: 'POST',
        path: `${POD}/${name}/${sub}?command=ls&stdout=true`,
      },
      {
        name: `${sub} of ${name} by SPDY`,
        method: 'POST',
        path: `${POD}/${name}/${sub}?command=ls&stdout=true`,
        headers: SPDY,
      },
    ]),
  ),
  {
    name: 'exec of refused by WebSocket',
    method: 'GET',
    path: `${POD}/refused/exec?command=ls&stdout=1`,
    headers: WEBSOCKET,
  },
  ...['exec', 'attach', 'portforward'].map((sub) => ({
    name: `${sub} by WebSocket of who may only look`,
    method: 'GET',
    path: `${POD}/refused/${sub}?command=ls&stdout=1`,
    headers: { ...WEBSOCKET, 'impersonate-user': 'looker' },
  })),
  { name: 'log of an unknown container', method: 'GET', path: `${POD}/refused/log?container=x` },
  { name: 'exec in an unknown container', method: 'POST', path: `${POD}/refused/exec?container=x`, headers: SPDY },
  { name: 'log of a stream', method: 'GET', path: `${POD}/refused/log?stream=Stdout` },
  {
    name: 'log with options that cannot be',
    method: 'GET',
    path: `${POD}/refused/log?tailLines=-1&limitBytes=0&sinceSeconds=0`,
  },
  {
    name: 'log since two times',
    method: 'GET',
    path: `${POD}/refused/log?sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z`,
  },
  {
    name: 'log with all options',
    method: 'GET',
    path: `${POD}/two/log?container=b&follow=1&previous=true&timestamps=true&tailLines=5&limitBytes=6&sinceTime=2020-01-01T00:00:00Z`,
  },
  {
    name: 'log of a backend that is not verified',
    method: 'GET',
    path: `${POD}/refused/log?insecureSkipTLSVerifyBackend=true`,
  },
  { name: 'proxy of a pod without an address', method: 'GET', path: `${POD}/refused/proxy/` },
  { name: 'proxy of a pod of this machine', method: 'GET', path: `${POD}/local:1/proxy/` },
  { name: 'proxy of a pod that is none', method: 'GET', path: `${POD}/none/proxy/` },
  { name: 'proxy of a pod that cannot be named so', method: 'GET', path: `${POD}/ftp:local:1/proxy/` },
  { name: 'proxy of a service', method: 'GET', path: '/api/v1/namespaces/default/services/s/proxy/' },
  { name: 'proxy of a port of a service', method: 'GET', path: '/api/v1/namespaces/default/services/s:80/proxy/' },
  { name: 'proxy of no port of a service', method: 'GET', path: '/api/v1/namespaces/default/services/s:81/proxy/' },
  { name: 'proxy of no service', method: 'GET', path: '/api/v1/namespaces/default/services/none:80/proxy/' },
  {
    name: 'proxy of a service that cannot be named so',
    method: 'GET',
    path: '/api/v1/namespaces/default/services/a:b:c:d/proxy/',
  },
  { name: 'proxy of a node of this machine', method: 'GET', path: '/api/v1/nodes/refused/proxy/' },
  { name: 'proxy of a node without an address', method: 'GET', path: '/api/v1/nodes/bare/proxy/' },
  { name: 'proxy of no node', method: 'GET', path: '/api/v1/nodes/none/proxy/' },
  { name: 'proxy of a node that cannot be named so', method: 'GET', path: '/api/v1/nodes/:1/proxy/' },
];

/** Makes the objects. */
export async function prepare({ kubeconfig }) {
  const client = await connect({ kubeconfig, env: {} });
  for (const { status, ...object } of OBJECTS) {
    const made = await client.create(object);
    if (status !== undefined && Object.keys(status).length > 0)
      await client.update({ ...made, status }, { subresource: 'status' });
  }
  await client.close();
}

/** Asks one thing: `{code, body}`, of which the body is what can be compared. */
export function ask({ url, tls, authorization }, { method, path, headers = {} }) {
  return new Promise((resolve, reject) => {
    const all = {
      ...headers,
      ...(authorization && { authorization }),
      ...(method === 'POST' && { 'content-length': 0 }),
    };
    const call = request(`${url}${path}`, { method, headers: all, agent: false, ...tls });
    call.once('response', async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve({ code: response.statusCode, ...comparable(text) });
    });
    call.once('upgrade', (response, socket) => {
      socket.destroy();
      resolve({ code: response.statusCode });
    });
    call.once('error', reject);
    call.end();
  });
}

function comparable(text) {
  try {
    const { reason, message, details } = JSON.parse(text);
    return { reason, message, details };
  } catch {
    return { text };
  }
}
