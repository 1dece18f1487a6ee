// The program as people run it, beside a server of its own.
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROGRAM = join(fileURLToPath(new URL('../../', import.meta.url)), 'dist/bin/nekube.js');

/** Runs `nekube weekly` to its end. */
export async function weekly(kubeconfig, ...args) {
  const options = { timeout: 180_000, env: { ...process.env, KUBECONFIG: kubeconfig, USER: 'anna' } };
  return await promisify(execFile)(process.execPath, [PROGRAM, 'weekly', ...args], options);
}

/** Starts `nekube weekly`; what it says is in `said`. */
export function startWeekly(kubeconfig, ...args) {
  const child = spawn(process.execPath, [PROGRAM, 'weekly', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, KUBECONFIG: kubeconfig, USER: 'anna' },
  });
  const started = {
    child,
    said: '',
    ended: new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code))),
  };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (started.said += data));
  return {
    ...started,
    get said() {
      return started.said;
    },
    /** Ends it by a signal, and waits for it. */
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return await started.ended;
    },
  };
}

/** Waits until something is found, and gives it; `what` stands in the failure. */
export async function until(what, find, seconds = 60) {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; ) {
    const found = await find();
    if (found) return found;
    await sleep(100);
  }
  throw new Error(`${typeof what === 'function' ? what() : what} did not come to be`);
}
