// Decisions of the scheduler alone: 10,000 pods onto 1,000 nodes, in this process and without a server.
//
//   npm run bench -- scheduler [--quick] [--only TEXT]
import { parseArgs } from 'node:util';
import { Cluster } from '../dist/scheduler/cluster/cluster.js';
import { podInfoOf } from '../dist/scheduler/cluster/pod-info.js';
import { Scheduling } from '../dist/scheduler/decision/scheduling.js';
import { Nominations } from '../dist/scheduler/queue/nominations.js';
import { printTable } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
});
const NODES = 1000;
const pods = options.quick ? 2000 : 10_000;
const labels = { app: 'web' };
const labelSelector = { matchLabels: labels };
const zone = 'topology.kubernetes.io/zone';
const apart = { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector } };

const cases = [
  { name: 'requests only', spec: {} },
  { name: 'pods of a service', spec: {}, services: [{ metadata: {}, spec: { selector: labels } }] },
  {
    name: 'spread over zones',
    spec: {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: zone, whenUnsatisfiable: 'DoNotSchedule', labelSelector }],
    },
  },
  {
    name: 'rather apart',
    spec: { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [apart] } } },
  },
];

function nodeOf(i) {
  const name = `node-${i}`;
  const allocatable = { cpu: '32', memory: '64Gi', pods: '110' };
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, [zone]: `${i % 5}` } },
    status: { allocatable },
  };
}

function podOf(i, spec) {
  const containers = [{ name: 'main', image: 'main', resources: { requests: { cpu: '100m', memory: '128Mi' } } }];
  const metadata = { name: `pod-${i}`, namespace: 'default', uid: `${i}`, labels };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec } };
}

/** How many pods a second are placed. */
function place({ spec, services = [] }) {
  const cluster = new Cluster();
  for (let i = 0; i < NODES; i++) cluster.setNode(nodeOf(i));
  const world = {
    cluster,
    volumes: { claim: () => undefined },
    labelsOf: () => undefined,
    object: () => undefined,
    objects: (kind) => (kind === 'Service' ? services : []),
  };
  const parts = { world, nominations: new Nominations(), budgets: () => [], random: Math.random, now: Date.now };
  const scheduling = new Scheduling(parts);
  const start = performance.now();
  for (let i = 0; i < pods; i++) {
    const pod = podInfoOf(podOf(i, spec));
    const { node, message } = scheduling.decide(pod);
    if (node === undefined) throw new Error(`A pod fits nowhere: ${message}`);
    cluster.assume(pod, node.name);
  }
  return (pods * 1000) / (performance.now() - start);
}

const chosen = cases.filter(({ name }) => name.includes(options.only));
const rows = chosen.map((one) => [one.name, `${Math.round(place(one))} /s`]);
printTable([[`${pods} pods onto ${NODES} nodes`, 'placed'], ...rows]);
