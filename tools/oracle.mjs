// The real kube-apiserver 1.36.3 with etcd 3.6, to record from, to compare with and to measure against.
//
//   node tools/oracle.mjs [--fsync]     starts them on free ports of 127.0.0.1, until SIGINT or SIGTERM
//   node tools/oracle.mjs --build       only builds them
//
// They are built from their Go modules, pinned in tools/oracle/*/go.mod, into ORACLES (~/.cache/nekube-oracles): about
// five minutes on two cores, once. Without Go, and without binaries from an earlier build, there is no oracle.
import { spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePorts } from './free-ports.mjs';

const version = '1.36.3';
const modules = fileURLToPath(new URL('oracle/', import.meta.url));
const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');

/** The packages to build, in the folder of the module that pins them. */
const programs = {
  etcd: { module: 'etcd', target: '.' },
  'kube-apiserver': { module: 'kubernetes', target: 'k8s.io/kubernetes/cmd/kube-apiserver' },
};

/** How long the first answer may take; three seconds are usual. */
const readyMs = 60_000;

/** Why there is no oracle on this machine. */
export class NoOracleError extends Error {
  name = 'NoOracleError';
}

/**
 * Builds what is missing. Tells what it does on stderr, since it takes minutes.
 * @throws NoOracleError without Go
 */
export function buildOracle() {
  mkdirSync(binaries, { recursive: true });
  for (const [name, { module, target }] of Object.entries(programs)) {
    if (!existsSync(join(binaries, name))) buildProgram(name, module, target);
  }
}

/** Where the programs are, by name, once they are built. */
export function oraclePrograms() {
  return Object.fromEntries(Object.keys(programs).map((name) => [name, join(binaries, name)]));
}

function buildProgram(name, module, target) {
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    throw new NoOracleError(`Cannot build ${name}: there is no Go here, and no ${join(binaries, name)}`);
  }
  console.error(`oracle: building ${name}, once; this takes minutes`);
  const work = mkdtempSync(join(tmpdir(), 'nekube-oracle-build-'));
  try {
    cpSync(join(modules, module), work, { recursive: true });
    const package_ = 'k8s.io/component-base/version';
    const [major, minor] = version.split('.');
    const stamps = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor };
    const ldflags = ['-s', '-w', ...Object.entries(stamps).flatMap(([k, v]) => ['-X', `${package_}.${k}=${v}`])];
    // into a name of its own first, so that an interrupted build leaves nothing that looks complete
    const output = join(work, 'built');
    const env = { ...process.env, GOFLAGS: '-mod=mod' };
    const args = ['build', '-o', output, '-ldflags', ldflags.join(' '), target];
    if (spawnSync('go', args, { cwd: work, env, stdio: ['ignore', 2, 2] }).status !== 0) {
      throw new NoOracleError(`Cannot build ${name}: go build failed`);
    }
    cpSync(output, join(binaries, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Starts etcd and kube-apiserver with data of their own, as controller-runtime's envtest does, plus a token file whose
 * one user is `admin` in `system:masters`.
 *
 * `fsync`: etcd waits for the disk, as it does in production; off by default, since most uses only compare answers.
 * `flags` are further flags of kube-apiserver, `etcd` is the URL of one to use in place of its own. Gives {url, token, ca, pids, dir, startedMs, stop()}; `startedMs` counts from the first
 * process to the first `ok` of /readyz. What is left at the end of this process is killed.
 *
 * @throws NoOracleError
 */
export async function startOracle({ fsync = false, flags = [], etcd } = {}) {
  buildOracle();
  const dir = mkdtempSync(join(tmpdir(), 'nekube-oracle-'));
  const [client, peer, port] = await freePorts(3);
  const children = [];
  const stop = async () => {
    process.off('exit', kill);
    await Promise.all(children.map(end));
    rmSync(dir, { recursive: true, force: true });
  };
  const kill = () => children.forEach((child) => child.kill('SIGKILL'));
  process.on('exit', kill);
  try {
    const began = performance.now();
    if (etcd === undefined) children.push(start(dir, 'etcd', etcdFlags(dir, client, peer, fsync)));
    const own = apiserverFlags(dir, etcd ?? `http://127.0.0.1:${client}`, port).filter(
      (flag) => !flags.some((other) => sameFlag(flag, other)),
    );
    children.push(start(dir, 'kube-apiserver', [...own, ...flags]));
    const server = { url: `https://127.0.0.1:${port}`, token: 'admintoken' };
    await ready(server, children, dir);
    const startedMs = performance.now() - began;
    const ca = readFileSync(join(dir, 'certs', 'apiserver.crt'), 'utf8');
    return { ...server, ca, pids: children.map(({ pid }) => pid), dir, startedMs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts an etcd alone, with data of its own, for another server than the oracle's. Gives {url, pid, stop()} when it is
 * healthy.
 *
 * @throws NoOracleError
 */
export async function startEtcd({ fsync = false } = {}) {
  buildOracle();
  const dir = mkdtempSync(join(tmpdir(), 'nekube-etcd-'));
  const [client, peer] = await freePorts(2);
  const child = start(dir, 'etcd', etcdFlags(dir, client, peer, fsync));
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    await end(child);
    rmSync(dir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${client}`;
  for (const deadline = performance.now() + readyMs; performance.now() < deadline; await sleep(20)) {
    if (await isHealthy(url)) return { url, pid: child.pid, stop };
    if (child.exitCode !== null || child.signalCode !== null) break;
  }
  const said = logTail(dir, 'etcd');
  await stop();
  throw new Error(`Cannot start etcd\n${said}`);
}

async function isHealthy(url) {
  try {
    return (await fetch(`${url}/health`)).ok;
  } catch {
    return false;
  }
}

function etcdFlags(dir, client, peer, fsync) {
  const urls = `http://127.0.0.1:${client}`;
  const peers = `http://127.0.0.1:${peer}`;
  return [
    `--data-dir=${join(dir, 'etcd')}`,
    `--listen-client-urls=${urls}`,
    `--advertise-client-urls=${urls}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    ...(fsync ? [] : ['--unsafe-no-fsync=true']),
  ];
}

/** Lists that are given twice would be put together. */
function sameFlag(a, b) {
  return a.split('=')[0] === b.split('=')[0];
}

/** Writes what kube-apiserver reads, and names it. */
function apiserverFlags(dir, etcd, port) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const file = (name, text) => {
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    `--cert-dir=${join(dir, 'certs')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--disable-admission-plugins=ServiceAccount',
    '--authorization-mode=RBAC',
    `--service-account-issuer=https://127.0.0.1:${port}/`,
    `--service-account-key-file=${file('sa.pub', publicKey)}`,
    `--service-account-signing-key-file=${file('sa.key', privateKey)}`,
    `--token-auth-file=${file('tokens.csv', 'admintoken,admin,admin-uid,"system:masters"\n')}`,
  ];
}

function start(dir, name, args) {
  const log = openSync(join(dir, `${name}.log`), 'w');
  return spawn(join(binaries, name), args, { cwd: dir, stdio: ['ignore', log, log] });
}

/** Waits for `ok` of /readyz. */
async function ready(server, children, dir) {
  for (const deadline = performance.now() + readyMs; performance.now() < deadline; await sleep(20)) {
    const dead = children.find((child) => child.exitCode !== null || child.signalCode !== null);
    if (dead) throw new Error(`Cannot start the oracle: ${dead.spawnfile} ended\n${logTail(dir, dead.spawnfile)}`);
    if ((await readyz(server)) === 200) return;
  }
  throw new Error(
    `Cannot start the oracle: it was not ready after ${readyMs / 1000} s\n${logTail(dir, 'kube-apiserver')}`,
  );
}

/** The status of /readyz; undefined while nobody listens. */
function readyz({ url, token }) {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = get(`${url}/readyz`, { headers, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', () => resolve(undefined));
  });
}

function logTail(dir, program) {
  const path = join(dir, `${program.split('/').at(-1)}.log`);
  return readFileSync(path, 'utf8').split('\n').slice(-15).join('\n');
}

/** Ends a process: politely, and if it does not listen, otherwise. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(timer);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { fsync: { type: 'boolean' }, build: { type: 'boolean' } } });
  try {
    if (values.build) {
      buildOracle();
      console.log(binaries);
    } else {
      const oracle = await startOracle({ fsync: values.fsync });
      const { url, token, dir, pids, startedMs } = oracle;
      console.error(`oracle: ready ${url} in ${Math.round(startedMs)} ms`);
      console.log(JSON.stringify({ url, token, dir, pids }));
      for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => oracle.stop());
    }
  } catch (error) {
    if (!(error instanceof NoOracleError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
