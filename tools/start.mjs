// npm start [-- FLAGS of nekube up]: installs, builds, runs the API server with its data in .nekube/ and its console, and says
// what to try.
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const KUBECONFIG = '.nekube/kubeconfig';

await build();
const given = process.argv.slice(2);
const flags = ['--storage', 'lmdb:.nekube/data', '--kubeconfig', KUBECONFIG, ...(await consoleFlags()), ...given];
const server = spawn(process.execPath, ['dist/bin/nekube.js', 'up', ...flags], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'pipe'],
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
endWithNpm();
server.on('exit', (code) => process.exit(code ?? 1));

let said = '';
server.stderr.setEncoding('utf8').on('data', (text) => {
  process.stderr.write(text);
  if (said === undefined) return;
  said += text;
  // the console is the last that is ready, and says its link itself
  const last = isConsoleOff() ? /^nekube: ready /m : /^nekube: console \S+$/m;
  if (!last.test(said)) return;
  said = undefined;
  console.log(nextSteps());
});

/** On the first free port from 8090 on, unless it is said where, or that there is to be none. */
async function consoleFlags() {
  if (given.some((flag) => /^--console(=|$)/.test(flag))) return [];
  for (let port = 8090; port < 8100; port++) {
    if (await isFree(port)) return ['--console', `127.0.0.1:${port}`];
    console.error(`npm start: port ${port} is in use; the console takes another`);
  }
  return ['--console', '127.0.0.1:0'];
}

/** The flag given last holds. */
function isConsoleOff() {
  const at = flags.findLastIndex((flag) => /^--console(=|$)/.test(flag));
  return flags[at] === '--console=off' || (flags[at] === '--console' && flags[at + 1] === 'off');
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/**
 * npm passes SIGTERM on to the shell between it and us, which ends and tells nobody: without this the server would keep its
 * port and data after `npm start` was ended by its pid.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event !== 'start') return;
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && server.kill('SIGTERM'), 500).unref();
}

function nextSteps() {
  const kubectl = `kubectl --kubeconfig ${kubeconfig()}`;
  return `
Try, in another terminal${root === `${process.cwd()}/` ? '' : ` in ${root}`}:

  # three objects; the one who applies owns every field
  ${kubectl} apply --server-side -f examples/web.yaml

  # another manager wants another number of replicas: a conflict
  ${kubectl} apply --server-side --field-manager=autoscaler -f examples/web-replicas.yaml

  # who owns which field
  ${kubectl} get deployment web -o yaml --show-managed-fields
${hasKubectl() ? '' : '\nThere is no kubectl here; "node tools/kubectl.mjs" fetches one and prints where it is.\n'}`;
}

/** The flag given last holds. */
function kubeconfig() {
  const at = flags.lastIndexOf('--kubeconfig');
  const joined = flags.findLast((flag) => flag.startsWith('--kubeconfig='));
  return joined?.slice('--kubeconfig='.length) ?? flags[at + 1];
}

function hasKubectl() {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
}
