import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from 'nekube/apimachinery';
import { differencesOf, outcomeOf } from './outcome.ts';
import type { OperatorWrite } from './operator-write.ts';

const write = (verb: OperatorWrite['verb'], group: string, resource: string, body: JsonObject): OperatorWrite => ({
  ...{ verb, group, resource, subresource: '', namespace: 'one', name: 'a', code: 200 },
  body,
});

const port = (nodePort?: number): JsonObject => ({ port: 80, ...(nodePort !== undefined && { nodePort }) });
const service = (ports: JsonObject[], more: JsonObject = {}): JsonObject => ({
  spec: { type: 'NodePort', ports, ...more },
});
const job = (uid?: string): JsonObject => {
  const labels = {
    app: 'a',
    ...(uid !== undefined && { 'controller-uid': uid, 'batch.kubernetes.io/controller-uid': uid }),
  };
  return { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } };
};

interface Case {
  readonly name: string;
  readonly of: readonly [group: string, resource: string];
  readonly created: JsonObject;
  /** What is sent back, with what the server has made of it. */
  readonly updated: JsonObject;
  readonly changed: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'a node port that the server allocated',
    of: ['', 'services'],
    created: service([port()]),
    updated: service([port(30_123)], { clusterIP: '10.0.0.7', clusterIPs: ['10.0.0.7'], healthCheckNodePort: 30_200 }),
    changed: [],
  },
  {
    name: 'but not one that it asked for',
    of: ['', 'services'],
    created: service([port(30_080)]),
    updated: service([port(30_080), { port: 81, nodePort: 30_123 }]),
    changed: ['/spec/ports/1'],
  },
  {
    name: 'nor that a Service has no address',
    of: ['', 'services'],
    created: service([port()], { clusterIP: 'None' }),
    updated: service([port()], { clusterIP: 'None' }),
    changed: [],
  },
  { name: 'the labels of the pods of a Job', of: ['batch', 'jobs'], created: job(), updated: job('4711'), changed: [] },
  {
    name: 'a status',
    of: ['apps', 'deployments'],
    created: { spec: { replicas: 1 } },
    updated: { metadata: {}, spec: { replicas: 2 }, status: { replicas: 1 } },
    changed: ['/metadata', '/spec/replicas'],
  },
];

for (const { name, of, created, updated, changed } of CASES) {
  test(`who sends back what it read says nothing by what the server filled in: ${name}`, () => {
    const first = outcomeOf([write('create', ...of, created)]);
    const second = outcomeOf([write('create', ...of, created), write('update', ...of, updated)]);
    assert.deepEqual(
      differencesOf(first, second).map(({ path }) => path),
      changed,
    );
  });
}

const ORDERS: readonly (readonly [string, JsonObject, JsonObject, readonly string[]])[] = [
  [
    'is the same',
    {
      spec: {
        ports: [
          { name: 'a', port: 1 },
          { name: 'b', port: 2 },
        ],
      },
    },
    {
      spec: {
        ports: [
          { name: 'b', port: 2 },
          { name: 'a', port: 1 },
        ],
      },
    },
    [],
  ],
  [
    'with another value is told where it was',
    {
      env: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
      ],
    },
    {
      env: [
        { name: 'b', value: '2' },
        { name: 'a', value: '3' },
      ],
    },
    ['/env/0/value'],
  ],
  [
    'with an item more has it at the end',
    { env: [{ name: 'a' }, { name: 'b' }] },
    { env: [{ name: 'c' }, { name: 'b' }, { name: 'a' }] },
    ['/env/2'],
  ],
  ['without names is another', { args: ['a', 'b'] }, { args: ['b', 'a'] }, ['/args/0', '/args/1']],
  [
    'of steps is another',
    { initContainers: [{ name: 'a' }, { name: 'b' }] },
    { initContainers: [{ name: 'b' }, { name: 'a' }] },
    ['/initContainers/0/name', '/initContainers/1/name'],
  ],
];

for (const [name, before, after, changed] of ORDERS) {
  test(`a list in another order ${name}`, () => {
    const [first, second] = [before, after].map((body) => outcomeOf([write('create', '', 'pods', body)]));
    assert.deepEqual(
      differencesOf(first!, second!).map(({ path }) => path),
      changed,
    );
  });
}
