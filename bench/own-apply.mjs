// 500 ConfigMaps and 100 Deployments: `nekube own apply -f` next to `kubectl apply --server-side -f`, each a process of its
// own, on nekube and on the real kube-apiserver. First when nothing is there, then again when all is.
//
//   npm run bench -- own-apply [--quick]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { servers, startCluster } from '../suites/ownership/servers.mjs';
import { startNekube } from '../suites/servers.mjs';
import { kubernetesClients } from '../tools/kubectl.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const rounds = options.quick ? 1 : 5;
const MAIN = fileURLToPath(new URL('../dist/bin/nekube.js', import.meta.url));

const configMap = (i) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `config-${i}` },
  data: Object.fromEntries(Array.from({ length: 8 }, (_, k) => [`key${k}`, 'x'.repeat(100)])),
});
const deployment = (i) => {
  const labels = { app: `web-${i}` };
  const containers = [{ name: 'app', image: 'app:1', ports: [{ containerPort: 80 }] }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `web-${i}`, labels },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
};
const objects = [
  ...Array.from({ length: 500 }, (_, i) => configMap(i)),
  ...Array.from({ length: 100 }, (_, i) => deployment(i)),
];

const dir = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
const file = join(dir, 'all.yaml');
// what begins with a brace is for kubectl a stream of JSON
writeFileSync(file, `# all\n${objects.map((object) => JSON.stringify(object)).join('\n---\n')}`);
const { kubectl, skip } = kubernetesClients();
if (skip) throw new Error(skip);

/** How long a process takes, in milliseconds. @throws Error if it fails */
function timed(kubeconfig, [program, ...args]) {
  const began = performance.now();
  const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: dir };
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('close', (code) => (code === 0 ? resolve(performance.now() - began) : reject(new Error(said))));
  });
}

const commands = {
  'nekube own apply': (namespace) => [process.execPath, MAIN, 'own', 'apply', '-n', namespace, '-f', file],
  'kubectl apply --server-side': (namespace) => [kubectl, 'apply', '--server-side', '-n', namespace, '-f', file],
};

async function measure(name, { kubeconfig, create }) {
  const took = {};
  const add = (key, ms) => (took[key] ??= []).push(ms);
  for (let round = 0; round < rounds; round++) {
    for (const [i, [command, words]] of Object.entries(commands).entries()) {
      const namespace = `bench-${round}-${i}`;
      await create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      add(`${command} fresh`, await timed(kubeconfig, words(namespace)));
      add(`${command} again`, await timed(kubeconfig, words(namespace)));
    }
  }
  return ['fresh', 'again'].map((when) => {
    const [ours, theirs] = Object.keys(commands).map((command) => took[`${command} ${when}`]);
    const ratios = theirs.map((ms, i) => ms / ours[i]);
    const spread = `${short(Math.min(...ratios))}–${short(Math.max(...ratios))}`;
    return [
      `${name}, ${when}`,
      `${short(median(ours))} ms`,
      `${short(median(theirs))} ms`,
      short(median(ratios)),
      spread,
    ];
  });
}

const rows = [['', ...Object.keys(commands), 'ratio', 'spread']];
const ours = await startNekube({ storage: 'lmdb' });
try {
  const { connect } = await import('nekube/client');
  const client = await connect({ kubeconfig: ours.kubeconfig, env: {} });
  rows.push(...(await measure('nekube', { kubeconfig: ours.kubeconfig, create: (object) => client.create(object) })));
  await client.close();
} finally {
  await ours.stop();
}
const real = servers.find(({ name }) => name === 'kube-apiserver');
if (!real.skip) {
  const cluster = await startCluster(real);
  try {
    rows.push(
      ...(await measure('kube-apiserver', {
        kubeconfig: cluster.kubeconfig,
        create: (object) => cluster.client.create(object),
      })),
    );
  } finally {
    await cluster.stop();
  }
}
rmSync(dir, { recursive: true });
console.log(`${cpus()[0].model}, ${availableParallelism()} cores, load ${short(loadavg()[0])}; ${rounds} pairs each\n`);
printTable(rows);
