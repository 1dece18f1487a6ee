// An informer of 10,000 pods, in a process of its own: nekube's next to that of @kubernetes/client-node and the cache of
// controller-runtime, on the same server. Time and CPU until it is synced, memory afterwards, CPU for changes.
//
//   npm run bench -- informer [--quick] [--record]
//
// Each runs several times in turn; ratios are of medians, others to ours. What is not to be had here (no network, no Go)
// is left out.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { unavailable, VERSION } from '../suites/clients/client-node.mjs';
import { installed } from '../suites/clients/tools.mjs';
import { startNekube } from '../suites/servers.mjs';
import { Client } from './client.mjs';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, record: { type: 'boolean', default: false } },
});
const objects = options.quick ? 1000 : 10_000;
const changes = options.quick ? 500 : 5000;
const rounds = options.quick ? 1 : 3;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const figures = [
  ['syncMs', 'until synced, ms'],
  ['cpuMs', 'CPU until synced, ms'],
  ['heapMb', 'heap when synced, MB'],
  ['rssMb', 'memory when synced, MB'],
  ['changesCpuMs', `CPU for ${changes} changes, ms`],
];

const work = mkdtempSync(join(tmpdir(), 'nekube-bench-informer-'));
const server = await startNekube({ args: ['--disable-admission-plugins=ServiceAccount'] });
const client = new Client(server, 16);
try {
  await inParallel(objects, (i) => client.must('POST', '/api/v1/namespaces/default/pods', pod(i)));
  const contenders = [nekube(), clientNode(), controllerRuntime()].filter((contender) => contender !== undefined);
  const measured = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const { name, command } of contenders) measured.get(name).push(await measure(command, round));
  report(measured);
} finally {
  client.close?.();
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}

function nekube() {
  return { name: 'nekube', command: [process.execPath, '--expose-gc', here('informer/nekube.mjs')] };
}

/** A module is resolved from where it stands, so the program goes to where client-node is. */
function clientNode() {
  const skip = unavailable();
  if (skip !== undefined) return void console.error(`without client-node: ${skip}`);
  const { dir } = installed(`client-node-${VERSION}`, []);
  for (const file of ['client-node.mjs', 'tell.mjs']) cpSync(here(`informer/${file}`), join(dir, file));
  return { name: `client-node ${VERSION}`, command: [process.execPath, '--expose-gc', join(dir, 'client-node.mjs')] };
}

function controllerRuntime() {
  const program = join(work, 'informer');
  const build = spawnSync('go', ['build', '-o', program, '.'], { cwd: here('informer/go'), encoding: 'utf8' });
  if (build.status !== 0) return void console.error(`without controller-runtime: ${build.stderr ?? build.error}`);
  return { name: 'controller-runtime 0.24', command: [program] };
}

/** Runs an informer, and changes pods when it is synced. */
async function measure([program, ...args], round) {
  const { url, token, ca } = server;
  const env = { ...process.env, SERVER: JSON.stringify({ url, token, ca }), CHANGES: `${changes}` };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const synced = JSON.parse((await lines.next()).value);
    if (synced.objects !== objects) throw new Error(`${program} has ${synced.objects} objects`);
    await inParallel(changes, (i) => {
      const path = `/api/v1/namespaces/default/pods/pod-${i % objects}`;
      const patch = { metadata: { annotations: { change: `${round}-${performance.now()}-${i}` } } };
      return client.must('PATCH', path, patch, 'application/merge-patch+json');
    });
    return { ...synced, ...JSON.parse((await lines.next()).value) };
  } finally {
    child.kill('SIGKILL');
  }
}

function report(measured) {
  const names = [...measured.keys()];
  const middle = (name, figure) => median(measured.get(name).map((each) => each[figure]));
  const others = names.slice(1);
  const before = recorded('informer');
  printTable([
    [`${objects} pods`, ...names, ...others.map((name) => `${name} / nekube`), 'recorded'],
    ...figures.map(([figure, title]) => [
      title,
      ...names.map((name) => short(middle(name, figure))),
      ...others.map((name) => `${short(middle(name, figure) / middle(names[0], figure))}x`),
      before[title] === undefined ? '–' : short(before[title]),
    ]),
  ]);
  const machine = `${availableParallelism()} × ${cpus()[0].model}, Node ${process.version}`;
  if (options.record)
    recordFigures('informer', machine, Object.fromEntries(figures.map(([f, title]) => [title, middle(names[0], f)])));
}

/** A pod as clusters have them: labels, an owner, two containers, a status. */
function pod(i) {
  const app = `app-${i % 100}`;
  const container = (name) => ({
    name,
    image: `registry.example.com/${app}/${name}:v1.2.3`,
    args: ['--log-level=info', `--name=${name}`],
    env: Array.from({ length: 8 }, (_, j) => ({ name: `VARIABLE_${j}`, value: `value ${j} of ${app}` })),
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
    volumeMounts: [{ name: 'config', mountPath: '/etc/config', readOnly: true }],
  });
  const labels = {
    app,
    'app.kubernetes.io/name': app,
    'app.kubernetes.io/part-of': 'bench',
    'pod-template-hash': `${i}`,
  };
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-1`, uid: `uid-${app}`, controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${i}`, namespace: 'default', labels, ownerReferences: [owner] },
    spec: {
      containers: [container('main'), container('sidecar')],
      volumes: [{ name: 'config', configMap: { name: app } }],
    },
  };
}

async function inParallel(count, work, workers = 16) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}
