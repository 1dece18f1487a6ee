import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { answer, type MetricsView } from './answer.ts';
import { nodeMetrics, podMetrics } from './objects.ts';

const NOW = Date.parse('2030-01-01T00:00:30Z');
const measured = { at: NOW, windowMs: 15_000 };
const pod = (namespace: string, name: string, labels: Readonly<Record<string, string>>) => {
  const use = { nanocores: 12_345_678, memoryBytes: 3 * 1024 * 1024 };
  return podMetrics(
    {
      ...measured,
      namespace,
      name,
      labels,
      containers: [
        { name: 'main', ...use },
        { name: 'side', ...use },
      ],
    },
    NOW,
  );
};
const view: MetricsView = {
  pods: () => [pod('a', 'one', { app: 'web' }), pod('a', 'two', { app: 'db' }), pod('b', 'one', { app: 'web' })],
  nodes: async () => [
    nodeMetrics({ ...measured, name: 'node-1', nanocores: 2e9, memoryBytes: 1024 }, { zone: 'x' }, NOW),
  ],
};
const ask = async (path: string, { method = 'GET', accept = 'application/json' } = {}) => {
  const { code, body } = await answer({ method, accept, url: path }, view);
  return { code, body: body as JsonObject };
};
const ROOT = '/apis/metrics.k8s.io/v1beta1';

describe('a list', () => {
  const cases: readonly (readonly [path: string, names: string])[] = [
    ['/pods', 'a/one a/two b/one'],
    ['/namespaces/a/pods', 'a/one a/two'],
    ['/namespaces/none/pods', ''],
    ['/pods?labelSelector=app%3Dweb', 'a/one b/one'],
    ['/pods?fieldSelector=metadata.namespace%3Db', 'b/one'],
    ['/nodes', '/node-1'],
    ['/nodes?labelSelector=zone!%3Dx', ''],
  ];
  for (const [path, names] of cases)
    test(path, async () => {
      const { code, body } = await ask(`${ROOT}${path}`);
      const items = body.items as unknown as readonly { metadata: { namespace?: string; name: string } }[];
      assert.equal(code, 200);
      assert.equal(items.map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`).join(' '), names);
    });
});

test('an object tells what is used, when, and over which time', async () => {
  assert.deepEqual(await ask(`${ROOT}/namespaces/a/pods/one`), {
    code: 200,
    body: {
      kind: 'PodMetrics',
      apiVersion: 'metrics.k8s.io/v1beta1',
      metadata: { name: 'one', namespace: 'a', creationTimestamp: '2030-01-01T00:00:30Z', labels: { app: 'web' } },
      timestamp: '2030-01-01T00:00:30Z',
      window: '15s',
      containers: ['main', 'side'].map((name) => ({ name, usage: { cpu: '12345678n', memory: '3Mi' } })),
    },
  });
  const { body } = await ask(`${ROOT}/nodes/node-1`);
  assert.deepEqual(body.usage, { cpu: '2', memory: '1Ki' });
});

test('a Table adds what containers use', async () => {
  const { body } = await ask(`${ROOT}/namespaces/b/pods`, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  const rows = body.rows as unknown as readonly { cells: readonly unknown[] }[];
  assert.deepEqual(rows[0]!.cells, ['one', '24691356n', '6Mi', '15s']);
});

const DOTS = ['nodes/../pods', 'namespaces/a/pods/%2e%2E/../b/pods', 'nodes/.'].map((path) => `${ROOT}/${path}`);
for (const path of ['//', '*', '/apis/%', `${ROOT}/%zz`, ...DOTS])
  test(`${path}, which is no path of the API, is not found`, async () => assert.equal((await ask(path)).code, 404));

describe('what is refused', () => {
  const cases: readonly (readonly [path: string, code: number, message: string, method?: string])[] = [
    ['/namespaces/a/pods/three', 404, 'podmetrics.metrics.k8s.io "a/three" not found'],
    ['/nodes/none', 404, 'nodemetrics.metrics.k8s.io "none" not found'],
    ['/services', 404, 'the server could not find the requested resource'],
    ['/pods?watch=true', 405, 'the server does not allow this method on the requested resource'],
    ['/pods', 405, 'the server does not allow this method on the requested resource', 'DELETE'],
    ['/pods?labelSelector=%3D%3D', 400, "found '=='"],
  ];
  for (const [path, code, message, method = 'GET'] of cases)
    test(`${method} ${path}`, async () => {
      const { body, ...told } = await ask(`${ROOT}${path}`, { method });
      assert.equal(told.code, code);
      assert.match(String(body.message), new RegExp(message.replaceAll('.', '\\.')));
    });
});

test('discovery is there in both forms', async () => {
  const { body } = await ask(ROOT);
  assert.deepEqual(
    (body.resources as unknown as readonly { name: string }[]).map(({ name }) => name),
    ['nodes', 'pods'],
  );
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  assert.equal((await ask('/apis', { accept })).body.kind, 'APIGroupDiscoveryList');
  assert.equal((await ask('/apis')).body.kind, 'APIGroupList');
});
