// npm start [-- FLAGS of nekube up]: installs, builds, runs the API server with its data in .nekube/, and says what to try.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const KUBECONFIG = '.nekube/kubeconfig';

await build();
const flags = ['--storage', 'lmdb:.nekube/data', '--kubeconfig', KUBECONFIG, ...process.argv.slice(2)];
const server = spawn(process.execPath, ['dist/bin/nekube.js', 'up', ...flags], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'pipe'],
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
endWithNpm();
server.on('exit', (code) => process.exit(code ?? 1));

server.stderr.setEncoding('utf8').on('data', (text) => {
  process.stderr.write(text);
  if (/^nekube: ready /m.test(text)) console.log(nextSteps());
});

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
  const given = flags.lastIndexOf('--kubeconfig');
  const joined = flags.findLast((flag) => flag.startsWith('--kubeconfig='));
  return joined?.slice('--kubeconfig='.length) ?? flags[given + 1];
}

function hasKubectl() {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
}
