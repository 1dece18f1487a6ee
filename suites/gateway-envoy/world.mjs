// A real Envoy with a model, and what its tests need: models in few words, servers behind, and requests.
import { once } from 'node:events';
import { createServer as createHttp, request as httpRequest } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvoyDataPlane } from '../../dist/gateway/envoy/index.js';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { realEnvoy } from '../../tools/envoy.mjs';
export { freePort } from '../../tools/free-ports.mjs';

export const { envoy, skip } = realEnvoy();

const SOURCE = { kind: 'HTTPRoute', namespace: 'default', name: 'r' };

/** A server of HTTP/1.1 that says who it is and what it was asked. */
export async function startEcho(t, name, answer) {
  const seen = [];
  const server = createHttp((request, response) => {
    const { method, url, headers } = request;
    seen.push({ method, url, headers });
    if (answer?.(request, response, seen)) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, method, url, headers }));
  });
  return { ...(await listening(t, server)), seen, server };
}

/** The same of HTTP/2 without TLS. */
export async function startH2cEcho(t, name, answer) {
  const seen = [];
  const server = createHttp2();
  server.on('stream', (stream, headers) => {
    seen.push(headers);
    if (answer?.(stream, headers)) return;
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end(JSON.stringify({ name, url: headers[':path'], headers, protocol: 'h2' }));
  });
  return { ...(await listening(t, server)), seen };
}

/** A server's port; its connections end with the test. */
export async function listening(t, server) {
  const sockets = new Set();
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: server.address().port };
}

/** A model of one gateway; `backends` by names: `{protocol, ports, …}`. */
export function modelOf({ listeners, backends = {}, secrets = {} }) {
  const named = Object.entries(backends);
  return {
    gateways: [
      {
        key: 'default/it',
        source: { kind: 'Gateway', namespace: 'default', name: 'it' },
        addresses: ['127.0.0.1'],
        listeners,
      },
    ],
    backends: new Map(
      named.map(([name, { ports: _, draining: __, ...rest }]) => [
        name,
        { name, source: { kind: 'Service', namespace: 'default', name }, protocol: 'HTTP', endpoints: name, ...rest },
      ]),
    ),
    endpoints: new Map(
      named.map(([name, { ports = [], draining = [] }]) => [name, endpointsOf(name, ports, draining)]),
    ),
    secrets: new Map(Object.entries(secrets)),
  };
}

/** Endpoints of this machine. */
export function endpointsOf(name, ports, draining = []) {
  const endpoint = (port) => ({ address: '127.0.0.1', port, state: draining.includes(port) ? 'draining' : 'ready' });
  return { name, endpoints: [...ports, ...draining.filter((port) => !ports.includes(port))].map(endpoint) };
}

/** A port that speaks HTTP without TLS, for any host. */
export function httpListener(port, routes, more = {}) {
  const name = `default/it/${port}`;
  const source = { kind: 'Gateway', namespace: 'default', name: 'it', sectionName: 'http' };
  const virtualHosts = [{ name: `${name}/*`, domains: ['*'], source, routes }];
  return {
    name,
    port,
    transport: 'TCP',
    sources: [source],
    chains: [{ name, source, http: { name, virtualHosts }, ...more.chain }],
    ...(more.settings && { settings: more.settings }),
  };
}

/** A route of a path; `action` is backends by weight, or an action. */
export function route(path, action, more = {}) {
  const { match, forward, ...rest } = more;
  const name = `httproute/default/${path}${match ? JSON.stringify(match) : ''}`;
  const backends = Array.isArray(action) ? action : [action];
  return {
    name,
    source: { ...SOURCE, name: path },
    match: {
      path: { type: 'PathPrefix', value: path },
      headers: [],
      queryParams: [],
      ...match,
    },
    action:
      typeof action === 'object' && 'type' in action
        ? action
        : { type: 'forward', backends: backends.map(weighted), ...forward },
    ...rest,
  };
}

function weighted(backend) {
  const source = { kind: 'Service', namespace: 'default', name: 'x' };
  return typeof backend === 'string' ? { weight: 1, backend, source } : { weight: 1, source, ...backend };
}

/** A data plane in a folder of its own, which goes with the test. */
export async function startPlane(t, options = {}) {
  const folder = makeTemporaryFolder('nekube-gateway-envoy');
  const lines = [];
  const log = (line) => lines.push(line);
  const start = () =>
    EnvoyDataPlane.start({ envoy, folder, env: process.env, log, concurrency: 2, drainSeconds: 2, ...options });
  const world = { folder, lines, start, plane: await start() };
  t.after(async () => {
    await world.plane.close();
    removeTemporaryFolder(folder);
    if (process.env.SHOW_ENVOY) console.log(lines.join('\n'));
  });
  return world;
}

/** Serves a model, and waits until Envoy has it. */
export async function serve({ plane, lines }, model) {
  plane.update(model);
  await eventually(() => {
    const states = [...plane.state().gateways.values()];
    if (states.length > 0 && states.every(({ programmed }) => programmed)) return true;
    throw new Error(`not programmed: ${JSON.stringify(states)}\n${lines.slice(-10).join('\n')}`);
  });
}

/** Waits until `check` neither throws nor gives a false value. */
export async function eventually(check, timeoutMs = 60_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
      if (Date.now() > end) throw new Error(`it did not come to be: ${check}`);
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await sleep(20);
  }
}

/** A request of HTTP/1.1: `{status, headers, body, json}`. */
export function ask(
  port,
  path,
  { method = 'GET', headers = {}, body, agent = false, host = 'it.example', address = '127.0.0.1' } = {},
) {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(
      { host: address, port, path, method, headers: { host, ...headers }, agent },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let json;
          try {
            json = JSON.parse(text);
          } catch {
            // it is no JSON
          }
          resolve({ status: response.statusCode, headers: response.headers, body: text, json });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
