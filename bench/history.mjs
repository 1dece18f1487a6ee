// The history of fields: changes of Deployments, each with four managers, from the watch's event to the record on the disk; what
// a record takes there; and what a process holds that has recorded much. Without a server, and without its network.
//
//   npm run bench -- history [--quick] [--record]
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DriftWars, HistoryStore, isNoise, objectsNamed, Recorder, timelineOf } from 'nekube/ownership';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, record: { type: 'boolean', default: false } },
});
const objects = options.quick ? 200 : 1000;
const changes = options.quick ? 4000 : 50_000;
const rounds = options.quick ? 1 : 3;
const START = Date.UTC(2026, 0, 1);
const scope = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  names: [],
  namespaced: true,
};

const entry = (manager, operation, ms, fieldsV1) => ({
  manager,
  operation,
  apiVersion: 'apps/v1',
  time: `${new Date(ms).toISOString().slice(0, 19)}Z`,
  fieldsType: 'FieldsV1',
  fieldsV1,
});
const container = (fields) => ({ 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, ...fields } } });
const env = Array.from({ length: 10 }, (_, i) => ({ name: `E${i}`, value: `value ${i}` }));
const envFields = Object.fromEntries(
  env.map(({ name }) => [`k:{"name":"${name}"}`, { '.': {}, 'f:name': {}, 'f:value': {} }]),
);

/** A Deployment of usual size, in its nth version, which one of four managers has made. */
function deployment(i, version) {
  const now = START + version * 1000;
  const image = `web:${version}`;
  const replicas = version % 10;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: `web-${i}`,
      namespace: 'shop',
      uid: `u${i}`,
      resourceVersion: `${version}`,
      creationTimestamp: '2025-01-01T00:00:00Z',
      labels: { app: 'web', tier: 'front' },
      managedFields: [
        entry('git', 'Apply', now, {
          'f:metadata': { 'f:labels': { 'f:app': {}, 'f:tier': {} } },
          'f:spec': {
            'f:selector': {},
            'f:template': { 'f:spec': container({ 'f:image': {}, 'f:env': envFields, 'f:ports': {} }) },
          },
        }),
        entry('hpa', 'Update', now, { 'f:spec': { 'f:replicas': {} } }),
        entry('oncall', 'Apply', START, { 'f:spec': { 'f:template': { 'f:spec': container({ 'f:resources': {} }) } } }),
        entry('kube-controller-manager', 'Update', now, {
          'f:status': { 'f:replicas': {}, 'f:readyReplicas': {}, 'f:observedGeneration': {} },
        }),
      ],
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image, env, resources: { limits: { cpu: '1' } } }] },
      },
    },
    status: { replicas, readyReplicas: replicas, observedGeneration: version },
  };
}

const figures = {};
for (let round = 0; round < rounds; round++) {
  for (const [name, value] of Object.entries(await measure())) (figures[name] ??= []).push(value);
}
const medians = Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)]));
const before = recorded('history');
printTable([
  ['history of fields', 'now', 'recorded'],
  ...Object.entries(medians).map(([name, value]) => [name, short(value), short(before[name] ?? Number.NaN)]),
]);
if (options.record)
  recordFigures('history', `${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.version}`, medians);

async function measure() {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-bench-history-'));
  const store = await HistoryStore.open(dir);
  try {
    const wars = new DriftWars({ windowMs: 3_600_000, returns: 2 });
    let now = START;
    const recorder = new Recorder({
      store,
      now: () => now,
      isLeftOut: isNoise,
      onRecord: (record) => wars.observe(record),
    });
    const recording = recorder.scope(scope);
    recording.replace(Array.from({ length: objects }, (_, i) => deployment(i, 1)));
    await recorder.flush();
    const foundBytes = store.usedBytes;
    global.gc?.();
    const heapBefore = process.memoryUsage().heapUsed;
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    // a watch's events come a few at a time, and those that wait are committed together
    for (let n = 0; n < changes; n++) {
      now += 100;
      recording.put(deployment(n % objects, 2 + Math.floor(n / objects)));
      if (n % 100 === 99) await new Promise(setImmediate);
      if (n % 2000 === 1999) await recorder.flush();
    }
    await recorder.flush();
    const seconds = (performance.now() - start) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    global.gc?.();
    const heap = process.memoryUsage().heapUsed - heapBefore;
    const readStart = performance.now();
    const [object] = objectsNamed(store, 'Deployment', { name: 'web-0' });
    const lines = [...timelineOf(store, object, { now })].length;
    const readMs = performance.now() - readStart;
    return {
      'changes a second': changes / seconds,
      'CPU a change, µs': (cpu.user + cpu.system) / changes,
      'bytes on disk a record': (store.usedBytes - foundBytes) / changes,
      'bytes on disk an object, first': foundBytes / objects,
      'heap that stays, MB': heap / 1e6,
      [`reading one object (${lines} lines), ms`]: readMs,
    };
  } finally {
    await store.close();
    rmSync(dir, { recursive: true });
  }
}
