// What a client costs: to load, to list 10,000 ConfigMaps of 1 kB, and to hold 100 watches; next to @kubernetes/client-node.
//
//   npm run bench -- connect [--quick]
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from 'nekube/client';
import { installed } from '../suites/clients/tools.mjs';
import { startNekube } from '../suites/servers.mjs';
import { median, printTable } from './table.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const rounds = options.quick ? 3 : 9;
const objects = options.quick ? 2000 : 10_000;
const CLIENT_NODE = '1.4.0';

/** Each program is a process of its own: it loads, makes a client, lists, watches, and prints what that took as JSON. */
const common = `
const cpu = (from) => { const { user, system } = process.cpuUsage(from); return (user + system) / 1000; };
const rss = () => process.memoryUsage().rss / 1e6;
const [kubeconfig, rounds] = [process.argv[2], Number(process.argv[3])];
const before = { cpu: process.cpuUsage(), rss: rss() };
const result = {};
const loaded = () => { result.importCpuMs = cpu(before.cpu); result.importMb = rss() - before.rss; };
const timed = async (list) => {
  const [wall, used] = [[], []];
  for (let i = 0; i < rounds; i++) {
    const [began, from] = [performance.now(), process.cpuUsage()];
    result.count = await list();
    wall.push(performance.now() - began); used.push(cpu(from));
  }
  const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  result.listMs = middle(wall); result.listCpuMs = middle(used);
};
const watched = async (watch) => {
  const [began, from] = [performance.now(), process.cpuUsage()];
  await Promise.all(Array.from({ length: 100 }, watch));
  result.watchesMs = performance.now() - began; result.watchesCpuMs = cpu(from);
  console.log(JSON.stringify(result)); process.exit(0);
};`;

const nekube = (http2) => `${common}
const { connect } = await import('nekube/client');
const client = await connect({ kubeconfig, http2: ${http2} });
loaded();
const ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap' };
await timed(async () => (await client.list(ConfigMap, { namespace: 'bench' })).items.length);
await watched(() => client.watch(ConfigMap, { namespace: 'bench', resourceVersion: '0', fieldSelector: 'metadata.name=c1' }).next());`;

const clientNode = `${common}
const { KubeConfig, CoreV1Api, Watch } = await import('@kubernetes/client-node');
const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const api = config.makeApiClient(CoreV1Api);
loaded();
await timed(async () => (await api.listNamespacedConfigMap({ namespace: 'bench' })).items.length);
const watch = new Watch(config);
const query = { resourceVersion: '0', fieldSelector: 'metadata.name=c1' };
await watched(() => new Promise((resolve) => watch.watch('/api/v1/namespaces/bench/configmaps', query, resolve, () => {})));`;

function run(program, dir, kubeconfig) {
  const file = join(dir, 'nekube-bench.mjs');
  writeFileSync(file, program);
  const child = spawn(process.execPath, [file, kubeconfig, String(rounds)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (data) => (said += data));
  return new Promise((resolve, reject) => {
    child.on('close', (code) =>
      code === 0 ? resolve(JSON.parse(said)) : reject(new Error(`${file} ended with ${code}`)),
    );
  });
}

/** The medians of several processes, since loading is done once in each. */
async function measure(program, dir, kubeconfig) {
  const results = [];
  for (let i = 0; i < (options.quick ? 1 : 3); i++) results.push(await run(program, dir, kubeconfig));
  return Object.fromEntries(Object.keys(results[0]).map((key) => [key, median(results.map((result) => result[key]))]));
}

const server = await startNekube();
try {
  const client = await connect({ kubeconfig: server.kubeconfig });
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } });
  const data = { text: 'x'.repeat(1000) };
  for (let i = 0; i < objects; i += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, j) =>
        client.create({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `c${i + j}`, namespace: 'bench' },
          data,
        }),
      ),
    );
  await client.close();

  const here = fileURLToPath(new URL('../dist', import.meta.url));
  const results = {
    'nekube/client, HTTP/1.1': await measure(nekube(false), here, server.kubeconfig),
    'nekube/client': await measure(nekube(true), here, server.kubeconfig),
  };
  const add = [
    'npm',
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `@kubernetes/client-node@${CLIENT_NODE}`,
  ];
  const other = installed(`client-node-${CLIENT_NODE}`, [['npm', 'init', '-y'], add]);
  if (other.skip) console.error(`no @kubernetes/client-node to compare with: ${other.skip}`);
  else results[`client-node ${CLIENT_NODE}`] = await measure(clientNode, other.dir, server.kubeconfig);
  const ours = results['nekube/client'];
  const columns = {
    'load, CPU ms': 'importCpuMs',
    'load, MB': 'importMb',
    [`list ${objects}, ms`]: 'listMs',
    'list, CPU ms': 'listCpuMs',
    '100 watches, ms': 'watchesMs',
    'watches, CPU ms': 'watchesCpuMs',
  };
  const cell = (result, key) => `${result[key].toFixed(0)} (${(result[key] / ours[key]).toFixed(1)}×)`;
  printTable([
    ['', ...Object.keys(columns)],
    ...Object.entries(results).map(([name, result]) => [
      name,
      ...Object.values(columns).map((key) => cell(result, key)),
    ]),
  ]);
} finally {
  await server.stop();
}
