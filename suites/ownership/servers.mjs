// The servers that `nekube own` and nekube/ownership are tried on: this project's own, in this process, and the real
// kube-apiserver where there is one. Each writes a kubeconfig.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startServer } from 'nekube/apiserver';
import { loadOrCreatePki } from 'nekube/pki';
import { openMemory } from 'nekube/storage';
import { base64, connected } from '../connected.mjs';

const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');
const missing = ['etcd', 'kube-apiserver'].find((name) => !existsSync(join(binaries, name)));

async function ours() {
  const pki = loadOrCreatePki(undefined, { hosts: ['localhost'], ips: ['127.0.0.1'], now: () => new Date() });
  const server = await startServer({ listen: { host: '127.0.0.1', port: 0 }, storage: openMemory(), pki });
  const { cert, key } = pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  return { url: server.url, ca: pki.caCert, user, stop: () => server.close() };
}

async function real() {
  const { startOracle } = await import('../../tools/oracle.mjs');
  const oracle = await startOracle({ flags: ['--authorization-mode=RBAC'] });
  return { url: oracle.url, ca: oracle.ca, user: { token: oracle.token }, stop: () => oracle.stop() };
}

/** By name; `skip` says why one cannot be tried here. */
export const servers = [
  { name: 'nekube', start: ours, skip: false },
  { name: 'kube-apiserver', start: real, skip: missing ? `there is no ${missing} in ${binaries}` : false },
];

/** Starts one of them: its kubeconfig, a client, and how it is stopped. */
export async function startCluster({ start }) {
  const { url, ca, user, stop } = await start();
  const { close, ...cluster } = await connected(url, ca, user, 'nekube-own-');
  return {
    url,
    ...cluster,
    async stop() {
      await close();
      await stop();
    },
  };
}

/** Runs `nekube` with these words in this process: `{code, stdout, stderr}`. */
export async function nekube(
  words,
  { dir, kubeconfig },
  { stdin, ask, env = {}, signal = new AbortController().signal } = {},
) {
  const { run } = await import('../../dist/cli/program.js');
  const out = { stdout: '', stderr: '' };
  const code = await run(words, {
    stdout: (text) => (out.stdout += text),
    stderr: (text) => (out.stderr += text),
    ...(stdin !== undefined && { stdin: async () => stdin }),
    ...(ask !== undefined && { ask }),
    env: { KUBECONFIG: kubeconfig, ...env },
    cwd: dir,
    signal,
    columns: undefined,
    elapsedMs: () => 0,
  });
  return { code, ...out };
}
