// Every verb of the client against this project's server in this process, and against the real kube-apiserver where there
// is one: the same behaviour of both.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startServer } from 'nekube/apiserver';
import { isStatusError } from 'nekube/apimachinery';
import { connect, isNoMatchError, listAll } from 'nekube/client';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';

const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' };
const Namespace = { apiVersion: 'v1', kind: 'Namespace' };
const Deployment = { apiVersion: 'apps/v1', kind: 'Deployment' };
const CustomResourceDefinition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const Widget = { apiVersion: 'client.test/v1', kind: 'Widget' };

const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');
const missing = ['etcd', 'kube-apiserver'].find((name) => !existsSync(join(binaries, name)));

async function ours() {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const server = await startServer({ listen: { host: '127.0.0.1', port: 0 }, storage: openMemory(), pki });
  const { cert, key } = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const user = { clientCertificate: { pem: cert }, clientKey: { pem: key } };
  return { config: { server: server.url, ca: { pem: pki.caCert }, ...user }, stop: () => server.close() };
}

async function real() {
  const { startOracle } = await import('../../tools/oracle.mjs');
  const oracle = await startOracle({ flags: ['--authorization-mode=RBAC'] });
  const { url, token, ca } = oracle;
  return { config: { server: url, token, ca: { pem: ca } }, stop: () => oracle.stop() };
}

const servers = [
  { name: 'nekube', start: ours },
  { name: 'kube-apiserver', start: real, skip: missing && `there is no ${missing} in ${binaries}` },
];

const cases = servers.flatMap((server) => [false, true].map((http2) => ({ ...server, http2 })));

for (const { name, start, skip, http2 } of cases)
  describe(`every verb, against ${name}, over ${http2 ? 'HTTP/2' : 'HTTP/1.1'}`, { skip: skip ?? false }, () => {
    let server;
    let client;
    const warnings = [];
    const namespace = 'client-verbs';
    const configMap = (n, data = { x: '1' }, labels = undefined) => ({
      ...ConfigMap,
      metadata: { name: n, namespace, ...(labels && { labels }) },
      data,
    });

    before(async () => {
      server = await start();
      client = await connect({ config: server.config, env: {}, http2, onWarning: (text) => warnings.push(text) });
      await client.create({ ...Namespace, metadata: { name: namespace } });
      client = client.with({ defaultNamespace: namespace });
    });
    after(async () => {
      await client?.close();
      await server?.stop();
    });

    test('create, get, update, and the conflict of an old one', async () => {
      const made = await client.create(configMap('a'));
      assert.match(made.metadata.uid, /-/);
      const read = await client.get(ConfigMap, { name: 'a' });
      assert.deepEqual(read, made);
      const newer = await client.update({ ...read, data: { x: '2' } });
      assert.equal(newer.data.x, '2');
      await assert.rejects(client.update({ ...read, data: { x: '3' } }), (e) => isStatusError(e, 'Conflict'));
      await assert.rejects(client.create(configMap('a')), (e) => isStatusError(e, 'AlreadyExists'));
    });

    test('apply states fields, which are another manager’s conflict', async () => {
      const one = await client.apply(configMap('applied'), { fieldManager: 'one' });
      assert.deepEqual(
        one.metadata.managedFields.map(({ manager, operation }) => [manager, operation]),
        [['one', 'Apply']],
      );
      const other = configMap('applied', { x: '2' });
      await assert.rejects(client.apply(other, { fieldManager: 'two' }), (e) => {
        assert.ok(isStatusError(e, 'Conflict'));
        assert.equal(e.status.details.causes[0].field, '.data.x');
        return true;
      });
      const forced = await client.apply(other, { fieldManager: 'two', force: true });
      assert.equal(forced.data.x, '2');
      const own = await client.apply(configMap('own'));
      assert.equal(own.metadata.managedFields[0].manager, 'nekube');
    });

    test('patches of all kinds', async () => {
      await client.create(configMap('patched', { a: '1', b: '2' }));
      const key = { name: 'patched' };
      assert.deepEqual((await client.patch(ConfigMap, key, { merge: { data: { a: null } } })).data, { b: '2' });
      const json = [{ op: 'add', path: '/data/c', value: '3' }];
      assert.deepEqual((await client.patch(ConfigMap, key, { json })).data, { b: '2', c: '3' });
      const strategic = { data: { $patch: 'replace', d: '4' } };
      assert.deepEqual((await client.patch(ConfigMap, key, { strategic })).data, { d: '4' });
    });

    test('a dry run changes nothing, and unknown fields are refused where that is wanted', async () => {
      await client.create(configMap('dry'), { dryRun: true });
      await assert.rejects(client.get(ConfigMap, { name: 'dry' }), (e) => isStatusError(e, 'NotFound'));
      const odd = { ...configMap('odd'), nonsense: true };
      await assert.rejects(client.create(odd, { fieldValidation: 'Strict' }), (e) => isStatusError(e, 'BadRequest'));
      warnings.length = 0;
      await client.create(odd);
      await client.create({ ...odd, metadata: { name: 'odd2', namespace } });
      assert.deepEqual(warnings, ['unknown field "nonsense"']);
    });

    test('parts of an object', async () => {
      const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
      const spec = { selector: { matchLabels: { a: 'b' } }, template };
      const made = await client.create({ ...Deployment, metadata: { name: 'd', namespace }, spec });
      const status = await client.update({ ...made, status: { observedGeneration: 7 } }, { subresource: 'status' });
      assert.equal(status.status.observedGeneration, 7);
      const scaled = await client.patch(
        Deployment,
        { name: 'd' },
        { merge: { spec: { replicas: 3 } } },
        { subresource: 'scale' },
      );
      assert.equal(scaled.kind, 'Scale');
      const scale = await client.get(Deployment, { name: 'd' }, { subresource: 'scale' });
      assert.deepEqual([scale.kind, scale.spec.replicas], ['Scale', 3]);
      const ServiceAccount = { apiVersion: 'v1', kind: 'ServiceAccount' };
      await client.create({ ...ServiceAccount, metadata: { name: 'sa', namespace } });
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: {},
        spec: { expirationSeconds: 600 },
      };
      const { status: issued } = await client.createSubresource(ServiceAccount, { name: 'sa' }, 'token', request);
      assert.equal(issued.token.split('.').length, 3);
    });

    test('lists, in parts of one revision, by selector, and metadata alone', async () => {
      for (let i = 0; i < 7; i++) await client.create(configMap(`list-${i}`, { i: String(i) }, { list: 'yes' }));
      const selection = { namespace, labelSelector: 'list=yes' };
      const part = await client.list(ConfigMap, { ...selection, limit: 3 });
      assert.deepEqual([part.items.length, typeof part.metadata.continue], [3, 'string']);
      const names = [];
      for await (const { kind, metadata } of client.pages(ConfigMap, { ...selection, limit: 3 })) {
        assert.equal(kind, 'ConfigMap');
        if (names.push(metadata.name) === 1) await client.delete(ConfigMap, { name: 'list-6' });
      }
      assert.equal(names.length, 7);
      assert.equal((await listAll(client, ConfigMap, { ...selection, limit: 2 })).items.length, 6);
      const { items } = await client.list(ConfigMap, { ...selection, metadataOnly: true });
      assert.deepEqual(Object.keys(items[0]).sort(), ['apiVersion', 'kind', 'metadata']);
      assert.equal(items[0].kind, 'ConfigMap');
      const one = await client.get(ConfigMap, { name: 'list-0' }, { metadataOnly: true });
      assert.deepEqual([one.kind, one.data], ['ConfigMap', undefined]);
    });

    test('a watch tells what is there, and what happens', async () => {
      await client.create(configMap('watched', { x: '1' }, { watch: 'yes' }));
      const controller = new AbortController();
      const options = { namespace, labelSelector: 'watch=yes', signal: controller.signal };
      const seen = [];
      const steps = [
        () => client.patch(ConfigMap, { name: 'watched' }, { merge: { data: { x: '2' } } }),
        () => client.delete(ConfigMap, { name: 'watched' }),
        () => controller.abort(new Error('enough')),
      ];
      const watching = async () => {
        for await (const { type, object } of client.watch(ConfigMap, options)) {
          seen.push(`${type} ${object.metadata.name} ${object.data.x}`);
          await steps.shift()();
        }
      };
      await assert.rejects(watching(), /enough/);
      assert.deepEqual(seen, ['ADDED watched 1', 'MODIFIED watched 2', 'DELETED watched 2']);
    });

    test('a watch list ends its beginning with a bookmark, and metadata alone is watched', async () => {
      const controller = new AbortController();
      const options = {
        namespace,
        sendInitialEvents: true,
        resourceVersionMatch: 'NotOlderThan',
        allowBookmarks: true,
        metadataOnly: true,
        signal: controller.signal,
      };
      const types = [];
      for await (const { type, object } of client.watch(ConfigMap, options)) {
        types.push(type);
        assert.deepEqual([object.kind, object.data], ['ConfigMap', undefined]);
        if (object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true') break;
      }
      assert.equal(types.at(-1), 'BOOKMARK');
      assert.ok(types.length > 5);
    });

    test('a watch of a revision that is none is a failure', async () => {
      await assert.rejects(
        async () => {
          for await (const _ of client.watch(ConfigMap, { namespace, resourceVersion: 'x' }));
        },
        (e) => isStatusError(e) && e.message.startsWith('resourceVersion: Invalid value: "x"'),
      );
    });

    test('delete, with its conditions, and of all that is selected', async () => {
      const made = await client.create(configMap('gone'));
      const wrong = { preconditions: { uid: 'other' } };
      await assert.rejects(client.delete(ConfigMap, { name: 'gone' }, wrong), (e) => isStatusError(e, 'Conflict'));
      await client.delete(ConfigMap, { name: 'gone' }, { dryRun: true });
      const right = { preconditions: { uid: made.metadata.uid }, propagationPolicy: 'Background' };
      assert.equal((await client.delete(ConfigMap, { name: 'gone' }, right)).status, 'Success');
      const finalized = { ...configMap('held'), metadata: { name: 'held', namespace, finalizers: ['client.test/x'] } };
      await client.create(finalized);
      const held = await client.delete(ConfigMap, { name: 'held' });
      assert.ok(held.metadata.deletionTimestamp);
      await client.patch(ConfigMap, { name: 'held' }, { merge: { metadata: { finalizers: null } } });
      await client.deleteAll(ConfigMap, { namespace, labelSelector: 'list=yes' });
      assert.deepEqual((await client.list(ConfigMap, { namespace, labelSelector: 'list=yes' })).items, []);
    });

    test('a kind that is defined later, and whose integers are large', async () => {
      await assert.rejects(client.list(Widget), isNoMatchError);
      const schema = { openAPIV3Schema: { type: 'object', properties: { n: { type: 'integer', format: 'int64' } } } };
      const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
      const versions = [{ name: 'v1', served: true, storage: true, schema }];
      const spec = { group: 'client.test', scope: 'Namespaced', names, versions };
      await client.create({ ...CustomResourceDefinition, metadata: { name: 'widgets.client.test' }, spec });
      const object = { ...Widget, metadata: { name: 'w', namespace }, n: 9007199254740993n };
      const made = await eventually(() => client.create(object));
      assert.equal(made.n, 9007199254740993n);
      assert.equal((await client.list(Widget, { namespace })).items[0].n, 9007199254740993n);
      assert.deepEqual(await client.served(Widget), { ...Widget, resource: 'widgets', namespaced: true });
    });

    test('somebody else may do less', async () => {
      const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
      const admin = client.with({
        impersonate: { user: 'jäne', groups: ['system:masters'], extra: { 'x.test/y': ['z'] } },
      });
      const { userInfo } = (await admin.create(review)).status;
      assert.deepEqual([userInfo.username, userInfo.extra], ['jäne', { 'x.test/y': ['z'] }]);
      const jane = client.with({ impersonate: { user: 'jäne', groups: ['a', 'b'] } });
      await assert.rejects(
        jane.list(ConfigMap),
        (e) => isStatusError(e, 'Forbidden') && /User "jäne" cannot list/.test(e.message),
      );
    });

    test('any other request', async () => {
      assert.match((await client.raw({ method: 'GET', path: '/version', headers: {} })).gitVersion, /^v1\.36\./);
      const { status, body } = await client.open({ method: 'GET', path: '/readyz', headers: { accept: '*/*' } });
      let text = '';
      for await (const piece of body) text += Buffer.from(piece);
      assert.deepEqual([status, text], [200, 'ok']);
      await assert.rejects(client.raw({ method: 'GET', path: '/nothing', headers: {} }), (e) =>
        isStatusError(e, 'NotFound'),
      );
    });
  });

/** A definition takes a moment to be served. */
async function eventually(attempt) {
  for (const end = Date.now() + 60_000; ; ) {
    try {
      return await attempt();
    } catch (e) {
      if (Date.now() > end) throw e;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
