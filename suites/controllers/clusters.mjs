// The clusters that scenarios are played in: a server of ours with our controllers, and the real ones.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from 'nekube/apiserver';
import { Manager } from 'nekube/controller';
import { addControllers } from 'nekube/controllers';
import { loadOrCreatePki } from 'nekube/pki';
import { addScheduler } from 'nekube/scheduler';
import { openMemory } from 'nekube/storage';
import { startOracle } from '../../tools/oracle.mjs';
import { connected, base64 } from '../connected.mjs';
import { Metrics, registerMetrics } from './metrics-server.mjs';

/** How long it takes the real one to fill its caches; it does not say when. */
const SYNC_MS = 2000;
/** Everywhere the same, so that it can be compared; nothing is signed by it. */
const ROOT_CA = readFileSync(new URL('./root-ca.crt', import.meta.url), 'utf8');
const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');

/**
 * Starts a server of ours that runs these controllers, and the scheduler if it is asked for.
 *
 * @param settings as `ControllersOptions` has them
 * @param ours more of them, of which the real one has none
 * @returns `{client, kubeconfig, stop()}`
 */
export async function startOurs({
  controllers,
  settings = {},
  ours = {},
  scheduler = false,
  metrics: hasMetrics = false,
  before = [],
}) {
  const pki = newPki();
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage: openMemory(),
    pki,
    plugins: { disable: ['ServiceAccount'] },
    // the server can sign itself; here the controller does
    signers: null,
  });
  const { cert, key } = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  const world = await worldOf(server.url, pki.caCert, user);
  for (const object of before) await world.client.create(object);
  const metrics = new Metrics();
  const metricsServer = hasMetrics ? await registerMetrics(world.client, metrics, newPki()) : undefined;
  const manager = new Manager({ client: world.client });
  const signingCa = { cert: pki.caCert, key: pki.caKey };
  await addControllers(manager, { names: controllers, settings: { ...settings, ...ours }, signingCa, rootCa: ROOT_CA });
  if (scheduler) addScheduler(manager);
  const ending = new AbortController();
  const running = manager.start(ending.signal);
  return {
    ...world,
    metrics,
    async stop() {
      ending.abort();
      await running;
      await metricsServer?.close();
      await world.close();
      await server.close();
    },
  };
}

/** Starts the real kube-apiserver, and what is asked for: these controllers with flags for these settings, the scheduler. */
export async function startReal({
  controllers,
  settings = {},
  scheduler = false,
  metrics: hasMetrics = false,
  before = [],
}) {
  const oracle = await startOracle();
  const world = await worldOf(oracle.url, oracle.ca, { token: oracle.token });
  const metrics = new Metrics();
  const server = hasMetrics ? await registerMetrics(world.client, metrics, newPki()) : undefined;
  for (const object of before) await world.client.create(object);
  if (before.length > 0) await sleep(SYNC_MS);
  const programs = [];
  if (controllers.length > 0) programs.push(await startManager(world, controllers, settings));
  if (scheduler) programs.push(await startScheduler(world));
  await sleep(SYNC_MS);
  return {
    ...world,
    metrics,
    log: () => programs.map(({ said }) => said()).join('\n'),
    async stop() {
      for (const program of programs) await program.stop();
      await world.close();
      await oracle.stop();
      await server?.close();
    },
  };
}

function startManager(world, controllers, settings) {
  const flags = [
    `--controllers=${controllers.join(',')}`,
    '--kube-api-qps=1000',
    '--kube-api-burst=1000',
    ...Object.entries(settings).map(flagOf),
    `--cert-dir=${world.dir}`,
    ...signingFlags(world.dir),
    `--root-ca-file=${rootCaFile(world.dir)}`,
  ];
  const hasStarted = (log) =>
    controllers.every((name) => log.includes(`"Controller starting..." controller="${name}"`));
  return startProgram(world, 'kube-controller-manager', { flags, hasStarted });
}

function startScheduler(world) {
  const hasStarted = (log) => log.includes('"Starting Kubernetes Scheduler"');
  return startProgram(world, 'kube-scheduler', { flags: [], hasStarted });
}

/** Starts a program of the real control plane beside the server, and waits until it says that it has started. */
async function startProgram({ dir, kubeconfig }, name, { flags, hasStarted }) {
  const program = join(binaries, name);
  if (!existsSync(program)) throw new Error(`There is no ${program}`);
  const path = join(dir, `${name}.log`);
  const log = openSync(path, 'w');
  const common = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0', '-v=2'];
  const child = spawn(program, [...common, ...flags], { cwd: dir, stdio: ['ignore', log, log] });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const said = () => readFileSync(path, 'utf8');
  for (let tries = 0; !hasStarted(said()); tries++) {
    if (tries > 300 || child.exitCode !== null) throw new Error(`${name} did not start:\n${said()}`);
    await sleep(100);
  }
  return {
    said,
    async stop() {
      process.off('exit', kill);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Whom pods are told to trust. */
function rootCaFile(dir) {
  const path = join(dir, 'root-ca.crt');
  writeFileSync(path, ROOT_CA);
  return path;
}

/** A CA of its own for the certificates that are asked for. */
function signingFlags(dir) {
  const { caCert, caKey } = newPki();
  const [cert, key] = [join(dir, 'signing.crt'), join(dir, 'signing.key')];
  writeFileSync(cert, caCert);
  writeFileSync(key, caKey, { mode: 0o600 });
  return [`--cluster-signing-cert-file=${cert}`, `--cluster-signing-key-file=${key}`];
}

const newPki = () => loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });

/** `nodeMonitorPeriodMs: 500` is `--node-monitor-period=500ms`. */
function flagOf([name, value]) {
  const isTime = name.endsWith('Ms');
  const flag = name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${flag}=${value}${isTime ? 'ms' : ''}`;
}

const worldOf = (url, ca, user) => connected(url, ca, user, 'nekube-controllers-');
