// Builds src/ into dist/, when anything changed since the last build: types are checked, data files are copied.
// One build at a time: a second one waits, since both write to dist/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { bundleAssets } from './bundle-assets.mjs';
import { writeKinds } from './kinds.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist');
const stamp = join(out, '.build-stamp');
const lock = join(root, 'dist.lock');

/** All files below `dir`, as absolute paths. */
function walk(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? walk(join(dir, e.name)) : [join(dir, e.name)],
  );
}

const mtime = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** Runs the dependency installer when node_modules is not what the lockfile names. */
export function install() {
  const have = mtime(join(root, 'node_modules', '.package-lock.json'));
  if (have && have >= mtime(join(root, 'package-lock.json'))) return;
  console.error('install: what package-lock.json names');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

function run(command, args) {
  const r = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (r.status !== 0) process.exit(r.status ?? 1);
}

/** True when a source is newer than the last successful build, or one was removed. */
function stale(sources) {
  const built = mtime(stamp);
  if (!built) return true;
  const dirs = new Set(sources.map(dirname));
  return [...sources, ...dirs, join(root, 'package.json'), join(root, 'tsconfig.json')].some((f) => mtime(f) > built);
}

/** Holds dist.lock while `work` runs; a lock whose process is gone is taken over. */
async function locked(work) {
  for (let waited = 0; ; waited += 100) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (waited > 120_000) rmSync(lock, { recursive: true, force: true });
      await new Promise((r) => setTimeout(r, 100));
    }
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.on('exit', release);
  await work();
  release();
}

/** Brings dist/ up to date; exits the process with the compiler's code when it does not compile. */
export async function build() {
  install();
  const sources = walk(join(root, 'src'));
  if (!stale(sources)) return;
  await locked(async () => {
    const began = Date.now();
    if (!mtime(stamp)) console.error('build: all of src/, which takes a few seconds');
    mkdirSync(out, { recursive: true });
    removeOrphans(sources);
    for (const file of sources) {
      if (file.endsWith('.ts') || file.includes('/testdata/')) continue;
      const to = join(out, relative(join(root, 'src'), file));
      if (mtime(to) >= mtime(file)) continue;
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(file, to);
    }
    await writeKinds();
    const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root], {
      cwd: root,
      stdio: ['ignore', 2, 2],
    });
    // what does not pass the checks is emitted all the same; lenient, it may be run
    const lenient = process.env.BUILD_LENIENT !== undefined;
    if (tsc.status !== 0 && !lenient) process.exit(tsc.status ?? 1);
    try {
      // by the server that was just compiled
      run(process.execPath, [join(root, 'tools/fresh-cluster.mjs')]);
      await Promise.all([bundle(), bundleAssets()]);
    } catch (error) {
      if (!lenient) throw error;
      console.error(error.message);
    }
    if (tsc.status !== 0) return;
    writeFileSync(stamp, '');
    // the stamp tells when the sources were read, not when the compiler ended
    utimesSync(stamp, new Date(began), new Date(began));
  });
}

/** Deletes what an earlier build made of files that are gone, so that no removed test runs on. */
function removeOrphans(sources) {
  const names = new Set(sources.map((f) => relative(join(root, 'src'), f).replace(/\.ts$/, '')));
  for (const file of walk(out)) {
    const name = relative(out, file);
    // what is generated: types of kinds (kinds.mjs), what a fresh cluster has (fresh-cluster.mjs)
    if (/^(client|gateway).kinds./.test(name) || name === join('apiserver', 'fresh-cluster.json')) continue;
    if (!name.startsWith('.') && !names.has(name) && !names.has(name.replace(/(\.d\.ts|\.js\.map|\.js)$/, '')))
      rmSync(file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
