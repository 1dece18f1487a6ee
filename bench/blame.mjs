// Who owns each line of Deployments with four managers each, read from a server by the command line: time, and the most
// memory that it takes for 1,000 and 20,000 of them. Beside it kubectl-blame, which reads a saved list.
//
//   npm run bench -- blame [--quick] [--record] [--kubectl-blame FILE]
//
// kubectl-blame is a program in Go, which its repository builds (go build). It keeps all objects, and prints them at the end.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startNekube } from '../suites/servers.mjs';
import { Client } from './client.mjs';
import { endedCpuMs } from './processes.mjs';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    'kubectl-blame': { type: 'string' },
  },
});
const few = options.quick ? 200 : 1000;
const many = options.quick ? 1000 : 20_000;
const rounds = options.quick ? 1 : 3;
const nekube = fileURLToPath(new URL('../dist/bin/nekube.js', import.meta.url));
const path = (namespace) => `/apis/apps/v1/namespaces/${namespace}/deployments`;

const work = mkdtempSync(join(tmpdir(), 'nekube-bench-blame-'));
const server = await startNekube();
const client = new Client(server, 16);
try {
  for (const [namespace, count] of [
    ['few', few],
    ['many', many],
  ]) {
    await client.must('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    await inParallel(count, (i) => client.must('POST', `${path(namespace)}?fieldManager=edit`, deployment(i)));
  }
  report(await measureAll());
} finally {
  client.close();
  await server.stop();
  rmSync(work, { recursive: true, force: true });
}

async function measureAll() {
  const own = (...words) => [process.execPath, nekube, 'own', ...words, '--kubeconfig', server.kubeconfig];
  const saved = join(work, 'list.json');
  writeFileSync(saved, await whole(path('few')));
  const runs = {
    [`blame of ${few}, read from the server`]: own('blame', 'deploy', '-n', 'few'),
    [`blame of ${many}, read from the server`]: own('blame', 'deploy', '-n', 'many'),
    [`summary of ${few}, read from the server`]: own('blame', 'deploy', '-n', 'few', '--summary'),
    [`takeover of ${few}, read from the server`]: own('takeover', 'deploy', '-n', 'few'),
    [`blame of ${few}, saved`]: [process.execPath, nekube, 'own', 'blame', '-f', saved],
  };
  const rival = options['kubectl-blame'];
  if (rival !== undefined) runs[`kubectl-blame of ${few}, saved`] = [rival, '-i', saved];
  const measured = {};
  for (const title of Object.keys(runs)) measured[title] = [];
  for (let round = 0; round < rounds; round++)
    for (const [title, command] of Object.entries(runs)) measured[title].push(await measure(command));
  return measured;
}

/** All of a list, as `kubectl get -o json --show-managed-fields` saves it. */
async function whole(list) {
  const answer = await fetchText(`${server.url}${list}`);
  const items = JSON.parse(answer).items.map((item) => ({ apiVersion: 'apps/v1', kind: 'Deployment', ...item }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

async function fetchText(url) {
  const { request } = await import('node:https');
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${server.token}` };
    const sent = request(url, { headers, ca: server.ca }, async (answer) => {
      let text = '';
      for await (const chunk of answer.setEncoding('utf8')) text += chunk;
      resolve(text);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Runs a command to its end: `{ms, cpuMs, peakMb}` of the process. */
async function measure([program, ...args]) {
  const began = performance.now();
  const cpu = endedCpuMs();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let bytes = 0;
  let peakMb = 0;
  // the system's own count of the most there was, which only grows
  const look = () => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakMb = Math.max(peakMb, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
    } catch {}
  };
  const looking = setInterval(look, 10);
  child.stdout.on('data', (chunk) => (bytes += chunk.length));
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(looking);
  if (code !== 0 || bytes === 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return { ms: performance.now() - began, cpuMs: endedCpuMs() - cpu, peakMb };
}

function report(measured) {
  const before = recorded('blame');
  const figures = {};
  const rows = Object.entries(measured).map(([title, runs]) => {
    const [ms, cpuMs] = ['ms', 'cpuMs'].map((figure) => median(runs.map((run) => run[figure])));
    figures[title] = cpuMs;
    const peakMb = Math.max(...runs.map((run) => run.peakMb));
    return [title, ...[ms, cpuMs, peakMb, before[title] ?? Number.NaN].map(short)];
  });
  printTable([['Deployments with 4 managers', 'ms', 'CPU, ms', 'most memory, MB', 'CPU recorded'], ...rows]);
  const rival = figures[`kubectl-blame of ${few}, saved`];
  if (rival !== undefined)
    console.log(`kubectl-blame / nekube, saved: ${short(rival / figures[`blame of ${few}, saved`])}x`);
  const machine = `${availableParallelism()} × ${cpus()[0].model}, Node ${process.version}`;
  if (options.record) recordFigures('blame', machine, figures);
}

/** A Deployment that was applied by two managers, scaled, and then edited. */
function deployment(i) {
  const app = `app-${i}`;
  const labels = { app, 'app.kubernetes.io/part-of': 'bench', team: `team-${i % 20}` };
  const names = { 'f:app': {}, 'f:app.kubernetes.io/part-of': {}, 'f:team': {} };
  const container = (name) => ({
    name,
    image: `registry.example.com/${app}/${name}:v1.2.3`,
    args: ['--log-level=info', `--name=${name}`],
    env: Array.from({ length: 6 }, (_, j) => ({ name: `VARIABLE_${j}`, value: `value ${j} of ${app}` })),
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
  });
  const env = Object.fromEntries(
    Array.from({ length: 6 }, (_, j) => [`k:{"name":"VARIABLE_${j}"}`, { '.': {}, 'f:name': {}, 'f:value': {} }]),
  );
  const main = {
    '.': {},
    'f:name': {},
    'f:image': {},
    'f:args': {},
    'f:env': env,
    'f:ports': { 'k:{"containerPort":8080,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:name': {} } },
    'f:resources': { 'f:requests': { 'f:cpu': {}, 'f:memory': {} }, 'f:limits': { 'f:memory': {} } },
  };
  const inPod = (fields) => ({ 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': fields } } } });
  const entry = (manager, operation, fieldsV1, more = {}) => ({
    manager,
    operation,
    apiVersion: 'apps/v1',
    time: '2026-01-02T03:04:05Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...more,
  });
  const ci = inPod({ 'k:{"name":"main"}': main });
  ci['f:metadata'] = { 'f:labels': names };
  ci['f:spec']['f:selector'] = {};
  ci['f:spec']['f:template']['f:metadata'] = { 'f:labels': names };
  const managedFields = [
    entry('ci', 'Apply', ci),
    entry('mesh', 'Apply', inPod({ 'k:{"name":"sidecar"}': main, 'k:{"name":"main"}': { '.': {}, 'f:name': {} } })),
    entry('hpa', 'Update', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' }),
  ];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: app, labels, managedFields },
    spec: {
      replicas: 3,
      selector: { matchLabels: { app } },
      template: { metadata: { labels }, spec: { containers: [container('main'), container('sidecar')] } },
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
