// Starts the servers that the suites talk to: nekube itself, and the real kube-apiserver where it is at hand.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TOKENS = 'admintoken,admin,admin-uid,"system:masters"\n';
const READY = /^nekube: ready (https:\S+) in (\d+) ms$/m;
/** How long a server may take to come up on a busy machine, and to end by itself. */
const START_MS = 60_000;
const STOP_MS = 10_000;

/**
 * Starts `nekube up` on a free port with a temporary folder of its own, or with `dir`, which then stays.
 *
 * @returns `{url, token, ca, kubeconfig, dir, pid, readyMs, stderr(), stop(signal?)}`; `stop` gives the exit code and
 *   removes the temporary folder.
 */
export async function startNekube({ storage = 'memory', dir, args = [], node = process.execPath, nodeArgs = [] } = {}) {
  const home = dir ?? mkdtempSync(join(tmpdir(), 'nekube-server-'));
  const files = { tokens: join(home, 'tokens.csv'), kubeconfig: join(home, 'kubeconfig') };
  writeFileSync(files.tokens, TOKENS, { mode: 0o600 });
  const kept = storage === 'lmdb' ? `lmdb:${join(home, 'data')}` : storage;
  const flags = [
    '--listen',
    '127.0.0.1:0',
    '--storage',
    kept,
    '--kubeconfig',
    files.kubeconfig,
    '--token-auth-file',
    files.tokens,
  ];
  const child = spawn(node, [...nodeArgs, MAIN, 'up', ...flags, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
  const server = watchProcess(child, 'nekube up');
  const clear = () => dir === undefined && rmSync(home, { recursive: true, force: true });
  const found = await server
    .until(() => READY.exec(server.stderr()))
    .catch((e) => {
      clear();
      throw e;
    });
  const stop = async (signal) => {
    const code = await server.stop(signal);
    clear();
    return code;
  };
  const ca = caOf(readFileSync(files.kubeconfig, 'utf8'));
  return {
    ...server,
    url: found[1],
    readyMs: Number(found[2]),
    token: 'admintoken',
    ca,
    kubeconfig: files.kubeconfig,
    dir: home,
    stop,
  };
}

function caOf(kubeconfig) {
  const data = /certificate-authority-data: (\S+)/.exec(kubeconfig)?.[1];
  return data && Buffer.from(data, 'base64').toString();
}

/** The folder of kube-apiserver and etcd: `ORACLES`, else ~/.cache/nekube-oracles; undefined when they are not there. */
export function oracleHome() {
  const home = process.env.ORACLES || join(homedir(), '.cache', 'nekube-oracles');
  return ['etcd', 'kube-apiserver'].every((name) => existsSync(join(home, name))) ? home : undefined;
}

/**
 * Starts the real kube-apiserver with an etcd of its own, both in a temporary folder and on free ports, with the flags
 * that the goldens were recorded with. `fsync` makes etcd durable, as it is in production.
 *
 * @returns `{url, token, pids, stop()}`; undefined when they are not installed.
 */
export async function startOracle({ fsync = false, args = [] } = {}) {
  const home = oracleHome();
  if (home === undefined) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'nekube-oracle-'));
  const [clientPort, peerPort, port] = await freePorts(3);
  const started = [];
  const stop = async () => {
    for (const one of started.reverse()) await one.stop('SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  };
  const start = (name, flags) => {
    const child = spawn(join(home, name), flags, { stdio: ['ignore', 'ignore', 'pipe'], cwd: dir });
    started.push(watchProcess(child, name));
    return started.at(-1);
  };
  try {
    start('etcd', etcdFlags({ dir, clientPort, peerPort, fsync }));
    const url = `https://127.0.0.1:${port}`;
    const server = start('kube-apiserver', [...apiserverFlags({ dir, clientPort, port, url }), ...args]);
    await server.until(() => isReady(url));
    return { url, token: 'admintoken', pids: started.map((one) => one.pid), stderr: server.stderr, stop };
  } catch (e) {
    await stop();
    throw e;
  }
}

function etcdFlags({ dir, clientPort, peerPort, fsync }) {
  const client = `http://127.0.0.1:${clientPort}`;
  return [
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    `--unsafe-no-fsync=${!fsync}`,
    '--log-level=error',
  ];
}

function apiserverFlags({ dir, clientPort, port, url }) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(dir, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(dir, 'sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(dir, 'tokens.csv'), TOKENS, { mode: 0o600 });
  return [
    `--etcd-servers=http://127.0.0.1:${clientPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(dir, 'certs')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--disable-admission-plugins=ServiceAccount',
    '--authorization-mode=RBAC',
    `--service-account-issuer=${url}/`,
    `--service-account-key-file=${join(dir, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(dir, 'sa.key')}`,
    `--token-auth-file=${join(dir, 'tokens.csv')}`,
  ];
}

/** Ports that nothing listens on, different from each other. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => server.listening || new Promise((done) => server.once('listening', done))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function isReady(url) {
  return new Promise((resolve) => {
    const headers = { authorization: 'Bearer admintoken' };
    const req = request(`${url}/readyz`, { headers, rejectUnauthorized: false, agent: false }, (res) => {
      res.resume();
      resolve(res.statusCode === 200);
    });
    req.on('error', () => resolve(false));
    req.end();
  });
}

/** What a started program says on stderr, and how it is waited for and ended. */
function watchProcess(child, name) {
  let said = '';
  let ended;
  const exited = new Promise((resolve) => {
    child.on('error', (e) => resolve(String(e.message)));
    child.on('exit', (code, signal) => resolve(code ?? signal));
  }).then((code) => {
    ended = code;
    return code;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    said = (said + chunk).slice(-100_000);
  });
  // nobody is left to stop it when this process ends by a failure
  const orphan = () => child.kill('SIGKILL');
  process.on('exit', orphan);
  exited.then(() => process.off('exit', orphan));
  return {
    pid: child.pid,
    exited,
    stderr: () => said,
    /** Polls `condition` until it gives something; rejects when the program ends or the time is up. */
    until: async (condition) => {
      for (const end = Date.now() + START_MS; Date.now() < end; await sleep(10)) {
        const result = await condition();
        if (result) return result;
        if (ended !== undefined) throw new Error(`${name} ended with ${ended} before it was ready:\n${said}`);
      }
      child.kill('SIGKILL');
      throw new Error(`${name} was not ready within ${START_MS} ms:\n${said}`);
    },
    /** Ends it with a signal, after ten seconds with SIGKILL; resolves to its exit code or signal. */
    stop: async (signal = 'SIGTERM') => {
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.kill(signal);
      const code = await exited;
      clearTimeout(timer);
      return code;
    },
  };
}
