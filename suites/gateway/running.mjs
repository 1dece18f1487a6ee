// `nekube gateway run` as a program, and what its tests need around it: objects in few words, a backend, and requests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { fileURLToPath } from 'node:url';

export { freePort } from '../../tools/free-ports.mjs';

const program = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));
export const GATEWAY_API = 'gateway.networking.k8s.io/v1';

/** Starts it beside a cluster, and ends it with the test: `{child, log(), ended, ready}`; `ended` gives code and signal. */
export function runGateway(t, env, ...args) {
  const child = spawn(process.execPath, [program, 'gateway', 'run', '--kubeconfig', env.kubeconfig(), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const ready = new Promise((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
      if (/^nekube: gateway ready/m.test(log)) resolve();
    });
    ended.then(({ code }) => reject(new Error(`it has ended with ${code}\n${log}`)));
  });
  ready.catch(() => {});
  t.after(() => endNow(child, ended, () => log));
  return { child, log: () => log, ended, ready };
}

/** Ends a program, and the Envoys that it has started: these go on without it. */
export async function endNow(child, ended, log) {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await ended;
  for (const [, pid] of log().matchAll(/Envoy (?:started|taken over) \(process (\d+)/g)) {
    if (isEnvoy(pid)) process.kill(Number(pid), 'SIGKILL');
  }
}

function isEnvoy(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('--use-dynamic-base-id');
  } catch {
    return false;
  }
}

/** A Gateway of one HTTP listener. */
export function gateway(name, port, spec = {}) {
  const listeners = [{ name: 'http', port, protocol: 'HTTP' }];
  return { ...metadata('Gateway', name), spec: { gatewayClassName: 'nekube', listeners, ...spec } };
}

/** All requests of a Gateway go to a backend. */
export function routeTo(backend, name, more = {}) {
  const backendRefs = [{ group: 'gateway.networking.x-k8s.io', kind: 'XBackend', name: backend }];
  return { ...metadata('HTTPRoute', name), spec: { parentRefs: [{ name }], rules: [{ backendRefs, ...more }] } };
}

/** A server of this machine: endpoints must not be of loopback, names may. */
export function backend(name, port) {
  const spec = { type: 'ExternalHostname', port: { number: port }, externalHostname: { hostname: 'localhost' } };
  return { ...metadata('XBackend', name), apiVersion: 'gateway.networking.x-k8s.io/v1alpha1', spec };
}

/** Kind and name of an object of Gateway API in the namespace default. */
export function metadata(kind, name) {
  return { apiVersion: GATEWAY_API, kind, metadata: { name, namespace: 'default' } };
}

/** A server of HTTP that answers 200, or as `answer` does. */
export async function startBackend(t, answer = (_request, response) => response.end('here')) {
  const server = createServer(answer).listen(0, 'localhost');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return server.address().port;
}

/** One request: `{status, headers, body}`. */
export function ask(host, port, path = '/', { headers = {}, agent = false } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request({ host, port, path, headers: { host: 'it.example', ...headers }, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => (body += text));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.on('error', reject).end();
  });
}

/** Waits until a Gateway is programmed; gives its first address. */
export function addressOf(env, name) {
  return env.eventually(
    async () => {
      const { status } = await env.client.get({ apiVersion: GATEWAY_API, kind: 'Gateway' }, key(name));
      const programmed = status?.conditions?.find(({ type }) => type === 'Programmed');
      if (programmed?.status !== 'True') throw new Error(`not programmed: ${JSON.stringify(status?.conditions)}`);
      return status.addresses[0].value;
    },
    { timeoutMs: 60_000 },
  );
}

/** Of an object in the namespace default. */
export function key(name) {
  return { namespace: 'default', name };
}
