// Who gets through to what: each endpoint asked as each identity. What counts is whether the request got past
// authentication and authorization, not what it came to.
import { Agent, request } from 'node:https';

/** Whose requests they are, in the order of the letters of a line. */
export const IDENTITIES = ['anonymous', 'wrong token', 'nobody', 'viewer', 'service account', 'node', 'admin'];

/** The flags of the servers: nodes are authorized by what their pods use. */
export const MODES = 'RBAC,Node';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const API_GROUP = 'rbac.authorization.k8s.io';

/** Roles, and a pod on the node whose secret, config map, claim and account are called as all objects here: x. */
const SET_UP = [
  [
    `${RBAC}/clusterroles`,
    role('viewer', [
      ['get', 'list', 'watch'],
      ['pods', 'pods/log', 'nodes', 'configmaps'],
    ]),
  ],
  [`${RBAC}/clusterrolebindings`, binding('viewer', { kind: 'User', name: 'viewer', apiGroup: API_GROUP })],
  [`${RBAC}/clusterroles`, role('editor', [['*'], ['configmaps', 'pods/*', '*/status']])],
  [
    `${RBAC}/namespaces/default/rolebindings`,
    { ...binding('editor', { kind: 'ServiceAccount', name: 'x', namespace: 'default' }), kind: 'RoleBinding' },
  ],
  ['/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'x' } }],
  [
    '/api/v1/namespaces/default/pods',
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x' },
      spec: {
        nodeName: 'x',
        serviceAccountName: 'x',
        containers: [{ name: 'c', image: 'i' }],
        volumes: [
          { name: 'a', secret: { secretName: 'x' } },
          { name: 'b', configMap: { name: 'x' } },
          { name: 'c', persistentVolumeClaim: { claimName: 'x' } },
        ],
      },
    },
  ],
];

function role(name, ...rules) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: rules.map(([verbs, resources]) => ({ apiGroups: ['', 'apps'], verbs, resources })),
  };
}

function binding(name, subject) {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: API_GROUP, kind: 'ClusterRole', name },
    subjects: [subject],
  };
}

/** Paths beside those of resources, and resources' paths spelled so that a careless server mistakes them. */
const PATHS = [
  ...['/', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/version', '/version/', '/healthz', '/healthz/'],
  ...[
    '/livez',
    '/livez/ping',
    '/readyz',
    '/readyz/ping',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/api/v1',
  ],
  ...['/.well-known/openid-configuration', '/openid/v1/jwks', '/logs', '/debug/pprof/', '/nothing', '/index.html'],
  ...['/api/v1/../../healthz', '/healthz/../api/v1/secrets', '/healthz/%2e%2e/api/v1/secrets', '//api/v1/secrets'],
  ...['/api//v1/secrets', '/api/v1//secrets', '/api/v1/secrets/', '/api/v1/%73ecrets', '/api%2fv1%2fsecrets'],
  ...['/api/v1/namespaces/default/configmaps/%2e%2e%2fsecrets%2fx', '/api/v1/namespaces/default%2fsecrets%2fx'],
  ...['/api/v1/namespaces/default/configmaps/..;/secrets', '/healthz?x=/api/v1/secrets', '/healthz%3f/api/v1/secrets'],
  ...['/API/v1/secrets', '/api/v1/Secrets', '/api/v1/watch/secrets', '/api/v1/watch/namespaces/default/secrets/x'],
  ...['/api/v1/proxy/nodes/x', '/api/v1/namespaces/default/secrets/x/status', '/version/../api/v1/secrets'],
];

const METHODS = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
};
const HAS_NAME = new Set(['get', 'update', 'patch', 'delete']);

/** All endpoints of a server's own discovery, as `METHOD target`. */
export async function endpointsOf(server) {
  const groups = await Promise.all(['/api', '/apis'].map((path) => discovery(server, path)));
  const lines = groups
    .flatMap(({ items }) => items)
    .flatMap(({ metadata: { name: group = '' }, versions }) =>
      versions.flatMap(({ version, resources }) => {
        const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
        return resources.flatMap((resource) => endpointsOfResource(root, resource));
      }),
    );
  return [
    ...new Set([
      ...PATHS.map((path) => `GET ${path}`),
      ...['POST', 'PUT', 'DELETE', 'HEAD'].map((m) => `${m} /healthz`),
      ...lines,
    ]),
  ];
}

function endpointsOfResource(root, { resource, scope, verbs, subresources = [] }) {
  const collection = `${root}${scope === 'Namespaced' ? '/namespaces/default' : ''}/${resource}`;
  const own = verbs.map((verb) => {
    const target = HAS_NAME.has(verb) ? `${collection}/x` : collection;
    return `${METHODS[verb]} ${target}${verb === 'watch' ? '?watch=1' : ''}`;
  });
  const below = subresources.flatMap((sub) =>
    sub.verbs.map((verb) => `${METHODS[verb]} ${collection}/x/${sub.subresource}`),
  );
  return [...own, ...below, ...(scope === 'Namespaced' && verbs.includes('list') ? [`GET ${root}/${resource}`] : [])];
}

async function discovery(server, path) {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { text } = await send(server, 'GET', path, { authorization: `Bearer ${server.token}`, accept });
  return JSON.parse(text);
}

/** Makes what the identities need, and gives the headers by which requests are theirs. */
async function identities(server) {
  const admin = { authorization: `Bearer ${server.token}` };
  const json = { ...admin, 'content-type': 'application/json' };
  for (const [path, body] of SET_UP) await send(server, 'POST', path, json, body);
  const path = '/api/v1/namespaces/default/serviceaccounts/x/token';
  const issued = await send(server, 'POST', path, json, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {},
  });
  const as = (user, ...groups) => ({
    ...admin,
    'impersonate-user': user,
    ...(groups.length > 0 && { 'impersonate-group': groups }),
  });
  return {
    anonymous: {},
    'wrong token': { authorization: 'Bearer wrong' },
    nobody: as('nobody'),
    viewer: as('viewer'),
    'service account': { authorization: `Bearer ${JSON.parse(issued.text).status.token}` },
    node: as('system:node:x', 'system:nodes'),
    admin,
  };
}

/**
 * A line for each endpoint: `LETTERS METHOD target`, a letter for each identity: `a` got through, `f` is forbidden, `u`
 * is not authenticated, `-` was not tried. Writes are dry runs; the admin only reads.
 */
export async function tableOf(server, endpoints) {
  const headers = await identities(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false });
  try {
    const lines = [];
    for (let at = 0; at < endpoints.length; at += 16)
      lines.push(
        ...(await Promise.all(
          endpoints.slice(at, at + 16).map((endpoint) => lineOf(server, endpoint, headers, agent)),
        )),
      );
    return lines;
  } finally {
    agent.destroy();
  }
}

async function lineOf(server, endpoint, headers, agent) {
  const [method, target] = endpoint.split(/ (.*)/);
  const letters = [];
  for (const identity of IDENTITIES) {
    if (identity === 'admin' && method !== 'GET') letters.push('-');
    else letters.push(await letterOf(server, method, target, headers[identity], agent));
  }
  return `${letters.join('')} ${endpoint}`;
}

async function letterOf(server, method, target, headers, agent) {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const path = method === 'GET' || method === 'HEAD' ? target : `${target}?dryRun=All`;
  const sent = method === 'POST' || method === 'PUT' || method === 'PATCH' ? {} : undefined;
  const { code, text } = await send(server, method, path, { ...headers, 'content-type': type }, sent, agent);
  if (code === 401) return 'u';
  return code === 403 && (text === '' || text.includes('User \\"')) ? 'f' : 'a';
}

/** The answer; of one that does not end, as that of a watch, the beginning. */
function send(server, method, path, headers, body, agent) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const options = { method, hostname, port, path, headers, agent, rejectUnauthorized: false };
    const sent = request(options, (answer) => {
      const chunks = [];
      const done = () => resolve({ code: answer.statusCode, text: Buffer.concat(chunks).toString() });
      if (answer.statusCode === 200 && path.includes('watch')) {
        sent.destroy();
        return done();
      }
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', done);
      answer.on('error', done);
    });
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}
