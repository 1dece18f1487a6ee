// The commands of `nekube gateway` that ask a cluster, as programs: before anything serves, and beside one that does.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { installGatewayApi } from 'nekube/gateway';
import { issueCertificate } from 'nekube/pki';
import { freePorts } from '../../tools/free-ports.mjs';

const program = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));
const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const [port, misnamedPort, tlsPort] = await freePorts(3);
let env;
/** What commands said while the cluster had no Gateway API. */
let saidBefore;

before(async () => {
  env = await start({ level: 'envtest', name: 'commands of gateways' });
  saidBefore = [await nekube('status'), await nekube('explain', 'http://shop.example/'), await nekube('translate')];
  await installGatewayApi(env.client, { channel: 'experimental', clock: systemClock });
  for (const object of objects()) await env.client.create(object);
});

after(async () => {
  await env?.stop();
});

/** A gateway, a route to nowhere, and what is to be imported. */
function objects() {
  const of = (kind, name, spec) => ({ apiVersion: GATEWAY_API, kind, metadata: { name, namespace: 'default' }, spec });
  const backendRefs = [{ name: 'missing', port: 80 }];
  return [
    of('Gateway', 'shop', { gatewayClassName: 'nekube', listeners: [{ name: 'http', port, protocol: 'HTTP' }] }),
    of('Gateway', 'misnamed', {
      gatewayClassName: 'nekub',
      listeners: [{ name: 'http', port: misnamedPort, protocol: 'HTTP' }],
    }),
    of('HTTPRoute', 'misnamed', { parentRefs: [{ name: 'shpo' }], rules: [{ backendRefs }] }),
    of('HTTPRoute', 'shop', { parentRefs: [{ name: 'shop' }], hostnames: ['shop.example'], rules: [{ backendRefs }] }),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'old', namespace: 'default' },
      spec: { defaultBackend: { service: { name: 'old', port: { number: 80 } } } },
    },
  ];
}

/** Runs a command to its end. The server is in this process, which must not wait for it. */
async function nekube(...args) {
  const child = spawn(process.execPath, [program, 'gateway', ...args, '--kubeconfig', env.kubeconfig()]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => (stdout += data));
  child.stderr.on('data', (data) => (stderr += data));
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

test('where there is no Gateway API that is said, and how it comes there', () => {
  for (const { code, stdout, stderr } of saidBefore) {
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /^error: The cluster has no Gateway API\n {2}fix: nekube gateway install\n/);
  }
});

test('status says that nobody looks at what nobody serves', async () => {
  const { code, stdout } = await nekube('status');
  assert.equal(code, 1);
  assert.match(stdout, /^ {2}Gateway default\/shop: Accepted, \w+: /m);
  assert.match(stdout, /^ {2}HTTPRoute default\/shop: Accepted, NoStatus: no controller has looked at it/m);
});

test('status names a class and a parent that do not exist', async () => {
  const { stdout } = await nekube('status');
  const told = stdout.split('\n').filter((line) => line.includes('misnamed:'));
  assert.deepEqual(told, [
    '  Gateway default/misnamed: Accepted, NoStatus: GatewayClass nekub does not exist: name another: nekube',
    '  HTTPRoute default/misnamed: Accepted, NoStatus: Gateway default/shpo does not exist: create it, or name another',
  ]);
});

test('explain and translate read a cluster', async () => {
  const explained = await nekube('explain', `http://shop.example:${port}/x`);
  assert.match(explained.stdout, /500: Service default\/missing does not exist/);
  const translated = await nekube('translate', '-o', 'model', '--json');
  assert.equal(JSON.parse(translated.stdout).gateways[0].key, 'default/shop');
});

test('translate prints what Envoy would be told, and no private key', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'tls', namespace: 'default' },
    type: 'kubernetes.io/tls',
  };
  const [notBefore, notAfter] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 86_400_000)];
  const names = { hosts: ['shop.example'], ips: [] };
  const pair = issueCertificate({ subject: { commonName: 'shop.example' }, notBefore, notAfter, use: 'server', names });
  const data = { 'tls.crt': btoa(pair.cert), 'tls.key': btoa(pair.key) };
  await env.client.create({ ...secret, data });
  const tls = { certificateRefs: [{ name: 'tls' }] };
  const listeners = [{ name: 'https', port: tlsPort, protocol: 'HTTPS', tls }];
  const gateway = { apiVersion: GATEWAY_API, kind: 'Gateway', metadata: { name: 'tls', namespace: 'default' } };
  await env.client.create({ ...gateway, spec: { gatewayClassName: 'nekube', listeners } });
  const { stdout } = await nekube('translate', '-o', 'xds', '--json');
  const { listeners: shown, secrets } = JSON.parse(stdout);
  assert.ok(
    Object.keys(shown).some((name) => name.includes(String(tlsPort))),
    stdout,
  );
  assert.deepEqual(Object.keys(secrets), ['secret/default/tls']);
  const line = pair.key.split('\n')[1];
  for (const shape of [line, btoa(pair.key).slice(60, 100)]) assert.ok(!stdout.includes(shape), 'the key is shown');
});

test('what files say stands before what a cluster has', async () => {
  const file = fileURLToPath(new URL('testdata/shop-elsewhere.yaml', import.meta.url));
  const { stdout } = await nekube('explain', `http://elsewhere.example:${port}/x`, '-f', file, '--live');
  assert.match(stdout, /httproute\/default\/shop\/rule\/0\/match\/0: it is the first that matches/);
});

test('import reads a cluster', async () => {
  const { code, stdout } = await nekube('import', '-A');
  assert.equal(code, 0);
  assert.match(stdout, /kind: HTTPRoute\nmetadata:\n {2}name: old-default/);
});

test('status says what is wrong with what is served, and then what is served', async () => {
  const running = spawn(process.execPath, [
    ...[program, 'gateway', 'run', '--data-plane', 'embedded', '--addresses', '127.0.2.0/24'],
    ...['--kubeconfig', env.kubeconfig()],
  ]);
  let log = '';
  running.stderr.on('data', (data) => (log += data));
  try {
    await env.eventually(
      async () => {
        const { stdout } = await nekube('status');
        assert.match(stdout, /BackendNotFound: .*Service default\/missing does not exist/, log);
        assert.match(stdout, /^default +shop +True +127\.0\.2\.\d+ +http +1$/m, log);
      },
      { timeoutMs: 60_000 },
    );
  } finally {
    running.kill('SIGTERM');
    await new Promise((resolve) => running.on('close', resolve));
  }
});
