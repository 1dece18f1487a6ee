// Runs a program of this folder in network, mount and maybe user namespaces of its own, so that nothing of the machine changes.
import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];

/** How it can be run here: by name, the command before it. */
export const commands = {
  'as root': ['unshare', '--net', '--mount'],
  rootless: [
    ...(process.getuid?.() === 0 ? NOBODY : []),
    ...['unshare', '--user', '--map-root-user', '--net', '--mount'],
  ],
};

/** @returns the names of `commands` */
export const waysIn = Object.keys(commands);

/** @returns why programs cannot be run this way here; false if they can */
export function whyNot(way) {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  const [program, ...args] = [
    ...commands[way],
    process.execPath,
    '-e',
    `require('fs').readFileSync(${JSON.stringify(pathOf('inside.mjs'))})`,
  ];
  const { status, error, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, HOME: '/tmp' },
  });
  return status === 0 ? false : `this user may not: ${error?.message ?? stderr.trim().split('\n').at(-1)}`;
}

/**
 * Runs `inside.mjs` and gives what it printed as JSON.
 *
 * @param steps names of what it does, one process after the other in the same namespaces
 */
export function runInside(way, ...steps) {
  const line = steps.map((step) => `'${process.execPath}' '${pathOf('inside.mjs')}' ${step}`).join('; ');
  const [program, ...args] = [...commands[way], 'sh', '-c', line];
  return new Promise((resolve, reject) => {
    const env = { ...process.env, HOME: '/tmp' };
    execFile(program, args, { env, cwd: '/', timeout: 180_000, killSignal: 'SIGKILL' }, (error, out, complaint) => {
      if (error) reject(new Error(complaint || error.message));
      else
        resolve(
          out
            .trim()
            .split('\n')
            .map((text) => JSON.parse(text)),
        );
    });
  });
}

function pathOf(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
