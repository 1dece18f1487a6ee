// Starts the server that the suites talk to: nekube itself. The real kube-apiserver comes from tools/oracle.mjs.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TOKENS = 'admintoken,admin,admin-uid,"system:masters"\n';
const READY = /^nekube: ready (https:\S+) in (\d+) ms$/m;
/** How long a server may take to come up on a busy machine, and to end by itself. */
const START_MS = 120_000;
const STOP_MS = 30_000;

/**
 * Starts `nekube up` on a free port with a temporary folder of its own, or with `dir`, which then stays. `main` is the
 * program; by default the one that is not bundled, whose stacks say where they are. In etcd it keeps its objects below
 * `prefix`, by default one of its own.
 *
 * @returns `{url, token, ca, kubeconfig, dir, pid, readyMs, stderr(), stop(signal?)}`; `stop` gives the exit code and
 *   removes the temporary folder.
 */
export async function startNekube({
  storage = 'memory',
  dir,
  args = [],
  main = MAIN,
  node = process.execPath,
  nodeArgs = [],
  prefix = `/nekube-${randomUUID()}`,
} = {}) {
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
    ...(kept.startsWith('etcd:') ? ['--etcd-prefix', prefix, '--cert-dir', join(home, 'pki')] : []),
  ];
  const child = spawn(node, [...nodeArgs, main, 'up', ...flags, ...args], { stdio: ['ignore', 'inherit', 'pipe'] });
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
