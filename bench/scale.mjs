// A cluster of many nodes that run nothing, and many pods on them: how long until all are ready, what it takes, and what it
// costs when nothing happens. The anchor is what people have for that: kwok's nodes with the real kube-apiserver, etcd,
// kube-controller-manager and kube-scheduler.
//
//   npm run bench -- scale [--nodes N] [--deployments N] [--replicas N] [--rest SECONDS] [--only nekube|kwok] [--stages FILE]
//
// The programs of the anchor, kwok among them, are looked for in ORACLES (~/.cache/nekube-oracles), and --stages names a file with
// kwok's stages for fast nodes and pods (kustomize/stage/node/fast, node/heartbeat-with-lease and pod/fast of its repository);
// without them one side is measured alone. One side runs after the other, each from nothing: nodes first, then as many Deployments of so many pods.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connected } from '../suites/connected.mjs';
import { startNekube } from '../suites/servers.mjs';
import { startOracle } from '../tools/oracle.mjs';
import { cpuMs, memoryMb } from './processes.mjs';
import { printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000' },
    deployments: { type: 'string', default: '100' },
    replicas: { type: 'string', default: '100' },
    rest: { type: 'string', default: '30' },
    only: { type: 'string' },
    stages: { type: 'string' },
  },
});
const [nodes, deployments, replicas, restSeconds] = [
  options.nodes,
  options.deployments,
  options.replicas,
  options.rest,
].map(Number);
const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');
/** No pod may take longer than that; what is not ready then is told. */
const LIMIT_MS = 20 * 60_000;
const POLL_MS = 250;

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const NODE = { apiVersion: 'v1', kind: 'Node' };

/** Everything in one process. */
async function startOurs() {
  const server = await startNekube({
    args: ['--controllers', 'all', '--nodes', String(nodes), '--images', 'fake'],
  });
  const world = await connected(server.url, server.ca, { token: server.token }, 'nekube-scale-');
  return {
    client: world.client,
    pids: [server.pid],
    addNodes: async () => {},
    async stop() {
      await world.close();
      await server.stop();
    },
  };
}

/** etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, with limits that do not hold them back. */
async function startAnchor() {
  const oracle = await startOracle();
  const world = await connected(oracle.url, oracle.ca, { token: oracle.token }, 'nekube-scale-');
  const quick = ['--kube-api-qps=10000', '--kube-api-burst=10000', '--leader-elect=false', '--secure-port=0'];
  const kubeconfig = `--kubeconfig=${world.kubeconfig}`;
  const children = [
    begin(world.dir, 'kube-controller-manager', [kubeconfig, ...quick, `--cert-dir=${world.dir}`]),
    begin(world.dir, 'kube-scheduler', [kubeconfig, ...quick, `--cert-dir=${world.dir}`]),
    begin(world.dir, 'kwok', [
      kubeconfig,
      `--config=${resolve(options.stages)}`,
      '--manage-all-nodes=true',
      '--node-lease-duration-seconds=40',
    ]),
  ];
  return {
    client: world.client,
    pids: [...oracle.pids, ...children.map(({ pid }) => pid)],
    addNodes: () => inParallel(nodes, 20, (i) => world.client.create(nodeOf(i))),
    async stop() {
      for (const child of children) await end(child);
      await world.close();
      await oracle.stop();
    },
  };
}

function begin(dir, name, flags) {
  const log = openSync(join(dir, `${name}.log`), 'w');
  const child = spawn(join(binaries, name), flags, { cwd: dir, stdio: ['ignore', log, log] });
  child.once('exit', (code) => {
    if (code !== null && code !== 0)
      console.error(`${name} has ended with ${code}:\n${tail(join(dir, `${name}.log`))}`);
  });
  return child;
}

const tail = (file) => readFileSync(file, 'utf8').split('\n').slice(-15).join('\n');

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

function nodeOf(i) {
  const resources = { cpu: '32', memory: '256Gi', pods: '110' };
  const name = `node-${i}`;
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' };
  return { ...NODE, metadata: { name, labels }, status: { capacity: resources, allocatable: resources } };
}

function deploymentOf(i) {
  const labels = { app: `app-${i}` };
  const containers = [{ name: 'main', image: 'app', resources: { requests: { cpu: '10m', memory: '16Mi' } } }];
  const template = { metadata: { labels }, spec: { containers } };
  const metadata = { name: `app-${i}`, namespace: 'default' };
  return { ...DEPLOYMENT, metadata, spec: { replicas, selector: { matchLabels: labels }, template } };
}

async function inParallel(count, width, each) {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await each(next++);
    }),
  );
}

/** Milliseconds until so many are there; the progress goes to stderr. */
async function until(what, want, count) {
  const began = performance.now();
  for (let shown = 0; ; await sleep(POLL_MS)) {
    const there = await count();
    const took = performance.now() - began;
    if (there >= want) return took;
    if (took > LIMIT_MS) throw new Error(`${there} of ${want} ${what} after ${Math.round(took / 1000)} s`);
    if (took - shown < 5000) continue;
    shown = took;
    console.error(`  ${there} of ${want} ${what} after ${Math.round(took / 1000)} s`);
  }
}

const isReady = ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');

async function measure(name, start) {
  console.error(`${name}: ${nodes} nodes, ${deployments * replicas} pods`);
  const began = performance.now();
  const cluster = await start();
  try {
    const { client, pids } = cluster;
    const nodesAdded = cluster.addNodes();
    await until('nodes ready', nodes, async () => (await client.list(NODE)).items.filter(isReady).length);
    await nodesAdded;
    const nodesMs = performance.now() - began;
    const before = cpuMs(pids);
    const created = inParallel(deployments, 10, (i) => client.create(deploymentOf(i)));
    const podsMs = await until('pods ready', deployments * replicas, async () => {
      const { items } = await client.list(DEPLOYMENT, { namespace: 'default' });
      return items.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
    });
    await created;
    const busy = cpuMs(pids) - before;
    await sleep(5000);
    const quietFrom = cpuMs(pids);
    await sleep(restSeconds * 1000);
    const quiet = (cpuMs(pids) - quietFrom) / (restSeconds * 10);
    return {
      'from nothing to all nodes ready, s': nodesMs / 1000,
      'pods ready, s': podsMs / 1000,
      'pods a second': (deployments * replicas * 1000) / podsMs,
      'CPU for the pods, s': busy / 1000,
      'memory, MB': memoryMb(pids).once,
      'CPU at rest, % of a core': quiet,
    };
  } finally {
    await cluster.stop();
  }
}

const sides = { nekube: startOurs, kwok: startAnchor };
const missing = ['kube-controller-manager', 'kube-scheduler', 'kwok'].filter((one) => !existsSync(join(binaries, one)));
const chosen = Object.keys(sides).filter(
  (name) =>
    (options.only ?? name) === name && (name !== 'kwok' || (missing.length === 0 && options.stages !== undefined)),
);
if (missing.length > 0) console.error(`kwok is left out: ${binaries} has no ${missing.join(', ')}`);
else if (options.stages === undefined) console.error('kwok is left out: --stages was not given');
const measured = [];
const results = [];
for (const name of chosen) {
  try {
    results.push(await measure(name, sides[name]));
    measured.push(name);
  } catch (error) {
    // minutes of the other side are not lost by it
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
if (results.length === 0) process.exit();
const header = ['', ...measured, ...(measured.length === 2 ? ['kwok / nekube'] : [])];
const rows = Object.keys(results[0]).map((row) => {
  const cells = results.map((result) => short(result[row]));
  return [row, ...cells, ...(results.length === 2 ? [short(results[1][row] / results[0][row])] : [])];
});
printTable([header, ...rows]);
