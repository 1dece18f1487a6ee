import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory, type Storage } from 'nekube/storage';
import { freePort } from '../../tools/free-ports.mjs';
import { startServer } from './server.ts';

const pki = loadOrCreatePki(undefined, { hosts: [], ips: ['127.0.0.1'], now: () => new Date() });
const POLICIES = '/registry/validatingadmissionpolicies/';
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1';
const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }];

/** The same storage, whose policies are read no sooner than `gate` is settled. */
function withSlowPolicies(storage: Storage, gate: Promise<void>, reached: () => void): Storage {
  const range: Storage['range'] = async (prefix, options) => {
    if (prefix === POLICIES) {
      reached();
      await gate;
    }
    return storage.range(prefix, options);
  };
  return new Proxy(storage, {
    get: (target, name) => {
      const value: unknown = name === 'range' ? range : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function start(storage: Storage, port: number): ReturnType<typeof startServer> {
  const tokens = [{ token: 'admin', user: { name: 'admin', groups: ['system:masters'] } }];
  const listen = { host: '127.0.0.1', port };
  return startServer({ listen, storage, pki, tokens, authorizationModes: ['AlwaysAllow'] });
}

function post(port: number, path: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer admin' };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, method: 'POST', headers, ca: pki.caCert, agent: false };
    const sent = httpsRequest(options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject).end(JSON.stringify(body));
  });
}

test('what comes while a server starts is judged by the policies that are stored', async () => {
  const storage = openMemory();
  const port = await freePort();
  const first = await start(storage, port);
  const policy = {
    metadata: { name: 'p' },
    spec: { matchConstraints: { resourceRules: RULES }, validations: [{ expression: 'false' }] },
  };
  const binding = { metadata: { name: 'p' }, spec: { policyName: 'p', validationActions: ['Deny'] } };
  assert.equal(await post(port, `${CONFIGURATIONS}/validatingadmissionpolicies`, policy), 201);
  assert.equal(await post(port, `${CONFIGURATIONS}/validatingadmissionpolicybindings`, binding), 201);
  await first.close();

  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let starting: ReturnType<typeof start> | undefined;
  await new Promise<void>((reached) => (starting = start(withSlowPolicies(storage, gate, reached), port)));
  try {
    const code = post(port, '/api/v1/namespaces/default/configmaps', { metadata: { name: 'c' } });
    // a server that does not wait has answered by then
    await Promise.race([code, sleep(500)]);
    open();
    assert.equal(await code, 422);
  } finally {
    open();
    await (await starting)?.close();
    await storage.close();
  }
});
