// The pure part of a server-side apply: schema, merge, ownership, canonical form. No HTTP, no storage, one object each.
//
//   npm run bench -- apply [--quick] [--record] [--only TEXT]
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { builtinResources } from 'nekube/api';
import { serveBuiltin } from '../dist/apiserver/registry/builtin.js';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const rounds = options.quick ? 3 : 9;
const roundMs = options.quick ? 100 : 300;

const data = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key${i}`, 'x'.repeat(100)]));
const configMap = (key0) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'b' },
  data: { ...data, key0 },
});

function deployment(containers, replicas) {
  const labels = { app: 'a' };
  const list = Array.from({ length: containers }, (_, i) => ({
    name: `c${i}`,
    image: 'nginx',
    ports: [{ containerPort: 80 + i }],
    env: Array.from({ length: 5 }, (_, j) => ({ name: `E${j}`, value: 'v' })),
  }));
  const template = { metadata: { labels }, spec: { containers: list } };
  const metadata = { name: 'a', namespace: 'b' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

const replicasOnly = (replicas) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', namespace: 'b' },
  spec: { replicas },
});

/** What is applied, again and again: `first` once, then `next(i)` by `manager`. */
const cases = [
  {
    name: 'ConfigMap of 1 KB, one field changed',
    first: configMap('0'),
    next: (i) => configMap(`${i}`),
    manager: 'one',
  },
  { name: 'ConfigMap of 1 KB, nothing changed', first: configMap('0'), next: () => configMap('0'), manager: 'one' },
  {
    name: 'Deployment of 2 containers, one field changed',
    first: deployment(2, 1),
    next: (i) => deployment(2, i % 100),
    manager: 'one',
  },
  {
    name: 'Deployment of 2 containers, second manager',
    first: deployment(2),
    next: (i) => replicasOnly(i % 100),
    manager: 'two',
  },
  {
    name: 'Deployment of 20 containers, one field changed',
    first: deployment(20, 1),
    next: (i) => deployment(20, i % 100),
    manager: 'one',
  },
  {
    name: 'Deployment of 200 containers, one field changed',
    first: deployment(200, 1),
    next: (i) => deployment(200, i % 100),
    manager: 'one',
  },
];

function fieldManagerOf({ apiVersion, kind }) {
  const resource = builtinResources().find((one) => one.apiVersion === apiVersion && one.kind === kind);
  return serveBuiltin(resource, () => new Date()).fieldManager('');
}

/** Applies a second, once a round. */
function measure({ first, next, manager }) {
  const fields = fieldManagerOf(first);
  let live = fields.apply(undefined, first, 'one', false);
  live.metadata.uid = 'u';
  let i = 0;
  const run = (ms) => {
    const began = performance.now();
    let count = 0;
    for (; performance.now() - began < ms; count++) live = fields.apply(live, next(i++), manager, true);
    return count / ((performance.now() - began) / 1000);
  };
  run(roundMs);
  return Array.from({ length: rounds }, () => run(roundMs));
}

const before = recorded('apply');
const figures = {};
const rows = [['', 'median', 'spread', 'recorded']];
for (const one of cases.filter(({ name }) => name.includes(options.only))) {
  const rates = measure(one);
  figures[one.name] = Number(median(rates).toPrecision(3));
  const last = before[one.name] === undefined ? '' : short(before[one.name]);
  rows.push([
    one.name,
    `${short(median(rates))} /s`,
    `${short(Math.min(...rates))}–${short(Math.max(...rates))}`,
    last,
  ]);
}
printTable(rows);
if (options.record)
  recordFigures(
    'apply',
    `${availableParallelism()} × ${cpus()[0].model.trim()}, Node ${process.versions.node}`,
    figures,
  );
