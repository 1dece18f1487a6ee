// Two nekube servers on one etcd with TLS: what one acknowledges, the other shows at once; what can be had once is had once.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { loadOrCreatePki } from '../../dist/apiserver/index.js';
import { noEtcd, withEtcd } from '../../dist/storage/testing/etcd.js';
import { freePorts } from '../../tools/free-ports.mjs';
import { call } from '../call.mjs';
import { startNekube } from '../servers.mjs';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
/** By default it is the server's address, of which there are two. */
const ISSUER = 'https://two.nekube.test';
const SERVICES = '/api/v1/namespaces/default/services';

describe('two servers on one etcd', { skip: noEtcd ?? false }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-two-'));
  let servers;
  let member;
  let ended;
  let running;

  before(async () => {
    const { args, flags } = certificates(dir);
    const ready = new Promise((resolve, reject) => {
      running = withEtcd(
        freePorts,
        async ([first]) => {
          resolve(first);
          await new Promise((end) => {
            ended = end;
          });
        },
        { args },
      ).catch(reject);
    });
    member = await ready;
    servers = await startTwo(dir, member.url, flags);
  });

  after(async () => {
    await Promise.all((servers ?? []).map((server) => server.stop()));
    ended?.();
    await running;
    rmSync(dir, { recursive: true, force: true });
  });

  test('both came up together, and made what every cluster has once', async () => {
    const [a, b] = await Promise.all(servers.map((server) => send(server, 'GET', '/api/v1/namespaces')));
    assert.deepEqual(
      a.body.items.map(({ metadata }) => metadata.uid),
      b.body.items.map(({ metadata }) => metadata.uid),
    );
    const service = await send(servers[0], 'GET', `${SERVICES}/kubernetes`);
    assert.equal(service.body.spec.clusterIP, '10.0.0.1');
  });

  test('a write of one is read and listed by the other at once', async () => {
    for (let i = 0; i < 30; i++) {
      const [a, b] = i % 2 === 0 ? servers : [...servers].reverse();
      const made = await send(a, 'POST', CONFIG_MAPS, configMap(`w${i}`, '1'));
      assert.equal(made.code, 201);
      const read = await send(b, 'GET', `${CONFIG_MAPS}/w${i}`);
      assert.equal(read.body.metadata?.resourceVersion, made.body.metadata.resourceVersion);
      const { metadata } = made.body;
      const listed = await send(b, 'GET', `${CONFIG_MAPS}?resourceVersion=${metadata.resourceVersion}`);
      assert.ok(listed.body.items.some(({ metadata: { name } }) => name === `w${i}`));
    }
  });

  test('what one wrote a moment ago the other changes, refuses and deletes as it is now', async () => {
    const [a, b] = servers;
    for (let i = 0; i < 20; i++) {
      const path = `${CONFIG_MAPS}/turns${i}`;
      const made = await send(a, 'POST', CONFIG_MAPS, configMap(`turns${i}`, '1'));
      const [patched, again] = [await merge(b, path, { b: '1' }), await merge(a, path, { a: '1' })];
      assert.deepEqual([patched.code, again.code], [200, 200]);
      assert.deepEqual(again.body.data, { n: '1', a: '1', b: '1' });
      const unchanged = await merge(b, path, { a: '1' });
      assert.equal(unchanged.body.metadata.resourceVersion, again.body.metadata.resourceVersion);
      assert.equal((await send(b, 'PUT', path, made.body)).code, 409);
      assert.equal((await send(b, 'PUT', path, again.body)).code, 200);
      assert.equal((await send(b, 'DELETE', path)).code, 200);
      assert.equal((await send(a, 'DELETE', path)).code, 404);
      assert.equal((await merge(a, path, { a: '2' })).code, 404);
    }
  });

  test('a counter that both count up loses no step', async () => {
    await send(servers[0], 'POST', CONFIG_MAPS, configMap('counter', '0'));
    let conflicts = 0;
    const count = async (server) => {
      for (let done = 0; done < 20; ) {
        const { body } = await send(server, 'GET', `${CONFIG_MAPS}/counter`);
        body.data.n = String(Number(body.data.n) + 1);
        const { code } = await send(server, 'PUT', `${CONFIG_MAPS}/counter`, body);
        assert.ok(code === 200 || code === 409, String(code));
        if (code === 200) done++;
        else conflicts++;
      }
    };
    await Promise.all([...servers, ...servers].map(count));
    const { body } = await send(servers[1], 'GET', `${CONFIG_MAPS}/counter`);
    assert.equal(body.data.n, '80');
    assert.ok(conflicts > 0);
  });

  test('a node port and a cluster IP are given once, whichever server is asked', async () => {
    const asked = servers.flatMap((server, s) =>
      Array.from({ length: 8 }, (_, i) => send(server, 'POST', SERVICES, service(`any-${s}-${i}`, {}))),
    );
    const made = await Promise.all(asked);
    assert.ok(made.every(({ code }) => code === 201));
    const ports = made.map(({ body }) => body.spec.ports[0].nodePort);
    assert.equal(new Set(ports).size, ports.length);
    const ips = made.map(({ body }) => body.spec.clusterIP);
    assert.equal(new Set(ips).size, ips.length);
    // of the part of the range of which none of those above can be, by chance
    const port = 30_012;
    const same = await Promise.all(
      servers.map((server, s) => send(server, 'POST', SERVICES, service(`p${s}`, { port }))),
    );
    assert.deepEqual(same.map(({ code }) => code).sort(), [201, 422]);
    assert.match(same.find(({ code }) => code === 422).body.message, /provided port is already allocated/);
    const [taken, free] = same[0].code === 201 ? ['p0', servers[1]] : ['p1', servers[0]];
    assert.equal((await send(free, 'DELETE', `${SERVICES}/${taken}`)).code, 200);
    // the other learns of it by a watch
    await until(async () => (await send(free, 'POST', SERVICES, service('again', { port }))).code === 201);
  });

  test('a custom resource that one server was told of is served by both', async () => {
    const group = 'two.nekube.test';
    const names = { plural: 'twos', kind: 'Two' };
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const versions = [{ name: 'v1', served: true, storage: true, schema }];
    const made = await send(servers[0], 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `twos.${group}` },
      spec: { group, scope: 'Cluster', names, versions },
    });
    assert.equal(made.code, 201);
    const path = `/apis/${group}/v1/twos`;
    await until(async () => (await send(servers[1], 'GET', path)).code === 200);
    const object = { apiVersion: `${group}/v1`, kind: 'Two', metadata: { name: 'x' }, spec: 'x'.repeat(1_600_000) };
    const large = await send(servers[1], 'POST', path, object);
    assert.equal(large.code, 500);
    assert.deepEqual(large.body, {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'etcdserver: request is too large',
      code: 500,
    });
    assert.equal((await send(servers[1], 'POST', path, { ...object, spec: 'x' })).code, 201);
    await until(async () => (await send(servers[0], 'GET', `${path}/x`)).code === 200);
  });

  test('tokens of one server are good for the other, and keys are for their owner only', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts';
    await send(servers[0], 'POST', path, { metadata: { name: 'two' } });
    const made = await send(servers[0], 'POST', `${path}/two/token`, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [] },
    });
    const token = made.body.status?.token;
    assert.ok(token, JSON.stringify(made.body));
    assert.equal((await send({ ...servers[1], token }, 'GET', `${path}/two`)).code, 403);
    assert.equal(statSync(join(dir, 'a', 'pki', 'sa.key')).mode & 0o777, 0o600);
  });

  test('after etcd was restarted both go on, and a watch gets what the other server writes', async () => {
    const events = [];
    const watching = watch(servers[1], `${CONFIG_MAPS}?watch=1&resourceVersion=${await revision(servers[1])}`, events);
    await member.kill();
    const check = await send(servers[0], 'GET', '/readyz/etcd');
    assert.deepEqual(
      [check.code, check.text],
      [500, 'internal server error: error getting data from etcd: context deadline exceeded\n'],
    );
    member.start();
    await until(async () => (await send(servers[0], 'GET', '/readyz')).code === 200);
    for (let i = 0; i < 10; i++)
      assert.equal((await send(servers[0], 'POST', CONFIG_MAPS, configMap(`r${i}`, '1'))).code, 201);
    await until(() => events.length >= 10);
    watching.destroy();
    assert.deepEqual(
      events.map(({ type, object }) => `${type} ${object.metadata.name}`),
      Array.from({ length: 10 }, (_, i) => `ADDED r${i}`),
    );
  });
});

/** What etcd and its clients show each other; flags for both. */
function certificates(dir) {
  const pki = loadOrCreatePki(join(dir, 'etcd-pki'), {
    hosts: ['localhost'],
    ips: ['127.0.0.1'],
    now: () => new Date(),
  });
  const client = pki.issueClient({ user: 'nekube', groups: [] });
  const file = (name, text) => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  const ca = file('etcd-ca.crt', pki.caCert);
  const args = [
    `--cert-file=${file('etcd.crt', pki.servingCert)}`,
    `--key-file=${file('etcd.key', pki.servingKey)}`,
    `--trusted-ca-file=${ca}`,
    '--client-cert-auth=true',
  ];
  const certfile = file('client.crt', client.cert);
  const keyfile = file('client.key', client.key);
  return { args, flags: ['--etcd-cafile', ca, '--etcd-certfile', certfile, '--etcd-keyfile', keyfile] };
}

/** Servers with one CA and one key of service accounts, started at the same time. */
function startTwo(dir, url, flags) {
  const shared = join(dir, 'a', 'pki');
  loadOrCreatePki(shared, { hosts: [], ips: [], now: () => new Date() });
  return Promise.all(
    ['a', 'b'].map((name) => {
      const home = join(dir, name);
      mkdirSync(join(home, 'pki'), { recursive: true, mode: 0o700 });
      if (name !== 'a')
        for (const file of ['ca.crt', 'ca.key', 'sa.key']) copyFileSync(join(shared, file), join(home, 'pki', file));
      return startNekube({
        storage: `etcd:${url}`,
        prefix: '/two',
        dir: home,
        args: [...flags, '--service-account-issuer', ISSUER],
      });
    }),
  );
}

function merge(server, path, data) {
  return send(server, 'PATCH', path, JSON.stringify({ data }), 'application/merge-patch+json');
}

function configMap(name, n) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { n } };
}

function service(name, { port }) {
  const ports = [{ port: 80, ...(port && { nodePort: port }) }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { type: 'NodePort', ports } };
}

async function revision(server) {
  return (await send(server, 'GET', `${CONFIG_MAPS}?limit=1`)).body.metadata.resourceVersion;
}

/** On a connection of its own, since members and servers come and go. */
function send(server, ...rest) {
  return call({ ...server, agent: false }, ...rest);
}

function watch({ url, token, ca }, path, events) {
  const sent = request(url + path, { headers: { authorization: `Bearer ${token}` }, ca, agent: false }, (response) => {
    let rest = '';
    response.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      events.push(...lines.filter(Boolean).map((line) => JSON.parse(line)));
    });
    response.on('error', () => {});
  });
  sent.on('error', () => {});
  sent.end();
  return sent;
}

/** Waits, for a minute at most, until something is so. */
async function until(condition) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(await condition());
}
