// Starts nekube as users do, as a process of its own, for what is measured from outside.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const readyMs = 20_000;

/**
 * Starts `nekube up` on a free port with data of its own; `storage` is memory or lmdb, `dir` is kept if it is given.
 * Gives {url, token, pids, dir, startedMs, stop()}; `startedMs` counts from the process to the line that says ready.
 */
export async function startNekube({ storage = 'lmdb', dir, nodeFlags = [] } = {}) {
  const home = dir ?? mkdtempSync(join(tmpdir(), 'nekube-bench-'));
  const tokens = join(home, 'tokens.csv');
  writeFileSync(tokens, 'admintoken,admin,admin-uid,"system:masters"\n', { mode: 0o600 });
  const place = storage === 'lmdb' ? `lmdb:${join(home, 'data')}` : storage;
  const flags = ['--listen', '127.0.0.1:0', '--storage', place, '--token-auth-file', tokens];
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [...nodeFlags, program, 'up', ...flags, '--kubeconfig', join(home, 'kubeconfig')],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    await end(child);
    if (dir === undefined) rmSync(home, { recursive: true, force: true });
  };
  try {
    const url = await readyUrl(child);
    const startedMs = performance.now() - began;
    return { url, token: 'admintoken', pids: [child.pid], dir: home, startedMs, stop, child };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The address in the line that says ready. */
function readyUrl(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (why) => reject(new Error(`Cannot start nekube: ${why}\n${text.slice(-2000)}`));
    const timer = setTimeout(() => fail(`it was not ready after ${readyMs / 1000} s`), readyMs);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with ${code}`));
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      text = (text + chunk).slice(-10_000);
      const url = /^nekube: ready (https:\S+)/m.exec(text)?.[1];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(timer);
}

/** The memory that processes have in RAM together, in MB; on other systems than Linux NaN. */
export function residentMb(pids) {
  try {
    const kilobytes = pids.map((pid) =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    );
    return kilobytes.reduce((sum, kb) => sum + kb, 0) / 1024;
  } catch {
    return Number.NaN;
  }
}
