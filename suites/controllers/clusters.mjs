// The clusters that scenarios are played in: a server of ours with our controllers, and the real ones.
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from 'nekube/apiserver';
import { Manager } from 'nekube/controller';
import { addControllers } from 'nekube/controllers';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { startOracle } from '../../tools/oracle.mjs';
import { connected, base64 } from '../connected.mjs';

/** How long it takes the real one to fill its caches; it does not say when. */
const SYNC_MS = 2000;
const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');

/**
 * Starts a server of ours that runs these controllers.
 *
 * @param settings as `ControllersOptions` has them
 * @returns `{client, kubeconfig, stop()}`
 */
export async function startOurs(controllers, settings = {}) {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    storage: openMemory(),
    pki,
    plugins: { disable: ['ServiceAccount'] },
  });
  const { cert, key } = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  const world = await worldOf(server.url, pki.caCert, user);
  const manager = new Manager({ client: world.client });
  await addControllers(manager, { names: controllers, settings });
  const ending = new AbortController();
  const running = manager.start(ending.signal);
  return {
    ...world,
    async stop() {
      ending.abort();
      await running;
      await world.close();
      await server.close();
    },
  };
}

/** Starts the real kube-apiserver and kube-controller-manager, which runs these controllers with flags for these settings. */
export async function startReal(controllers, settings = {}) {
  const program = join(binaries, 'kube-controller-manager');
  if (!existsSync(program)) throw new Error(`There is no ${program}`);
  const oracle = await startOracle();
  const world = await worldOf(oracle.url, oracle.ca, { token: oracle.token });
  const log = openSync(join(world.dir, 'kube-controller-manager.log'), 'w');
  const flags = [
    `--kubeconfig=${world.kubeconfig}`,
    `--controllers=${controllers.join(',')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=1000',
    '--kube-api-burst=1000',
    '-v=2',
    ...Object.entries(settings).map(flagOf),
    `--cert-dir=${world.dir}`,
  ];
  const child = spawn(program, flags, { cwd: world.dir, stdio: ['ignore', log, log] });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const said = () => readFileSync(join(world.dir, 'kube-controller-manager.log'), 'utf8');
  for (let tries = 0; !hasStarted(said(), controllers); tries++) {
    if (tries > 300 || child.exitCode !== null) throw new Error(`kube-controller-manager did not start:\n${said()}`);
    await sleep(100);
  }
  await sleep(SYNC_MS);
  return {
    ...world,
    log: said,
    async stop() {
      process.off('exit', kill);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await gone;
      }
      await world.close();
      await oracle.stop();
    },
  };
}

/** `nodeMonitorPeriodMs: 500` is `--node-monitor-period=500ms`. */
function flagOf([name, value]) {
  const isTime = name.endsWith('Ms');
  const flag = name.replace(/Ms$/, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${flag}=${value}${isTime ? 'ms' : ''}`;
}

function hasStarted(log, controllers) {
  return controllers.every((name) => log.includes(`"Controller starting..." controller="${name}"`));
}

const worldOf = (url, ca, user) => connected(url, ca, user, 'nekube-controllers-');
