// Builds src/ and web/ into dist/, when anything changed since the last build: types are checked, data files are copied.
// One build at a time: a second one waits, since both write to dist/.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import { bundleAssets } from './bundle-assets.mjs';
import { writeKinds } from './kinds.mjs';
import { bundleKepSite } from './kep-site.mjs';
import { buildWeb } from './web.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, 'dist');
const stamp = join(out, '.build-stamp');
const webStamp = join(out, '.build-stamp-web');
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
function stale(sources, since) {
  const built = mtime(since);
  if (!built) return true;
  const dirs = new Set(sources.map(dirname));
  return [...sources, ...dirs, join(root, 'package.json'), join(root, 'tsconfig.json')].some((f) => mtime(f) > built);
}

/** Marks what was built from sources as they were when it began, not when the compiler ended. */
function mark(file, began) {
  writeFileSync(file, '');
  utimesSync(file, new Date(began), new Date(began));
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
  if (stale(sources, stamp)) await locked(() => buildSources(sources));
  // the browser's app has types of the rooms
  const built = mtime(webStamp);
  if (!stale(walk(join(root, 'web')), webStamp) && built > Math.max(mtime(stamp), mtime(join(root, 'tools/web.mjs'))))
    return;
  await locked(async () => {
    const began = Date.now();
    await lenient(() => Promise.all([buildWeb(), bundleKepSite()]));
    mark(webStamp, began);
  });
  // the bundler's process would stay as long as this one, which `npm start` keeps as long as the server
  const { stop } = await import('esbuild');
  await stop();
}

/** Goes on after what does not pass the checks where BUILD_LENIENT is set: it is emitted, and may be run. */
async function lenient(work) {
  try {
    await work();
  } catch (error) {
    if (process.env.BUILD_LENIENT === undefined) throw error;
    console.error(error.message);
  }
}

/** Compiles src/, and makes what is made from it. */
async function buildSources(sources) {
  const began = Date.now();
  if (!mtime(stamp)) console.error('build: all of src/, which takes a minute or more on a slow machine');
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
  if (tsc.status !== 0 && process.env.BUILD_LENIENT === undefined) process.exit(tsc.status ?? 1);
  await lenient(async () => {
    // by the server that was just compiled
    run(process.execPath, [join(root, 'tools/fresh-cluster.mjs')]);
    await Promise.all([bundle(), bundleAssets()]);
  });
  if (tsc.status === 0) mark(stamp, began);
}

/** Deletes what an earlier build made of files that are gone, so that no removed test runs on. */
function removeOrphans(sources) {
  const names = new Set(sources.map((f) => relative(join(root, 'src'), f).replace(/\.ts$/, '')));
  for (const file of walk(out)) {
    const name = relative(out, file);
    // what is generated: types of kinds (kinds.mjs), what a fresh cluster has (fresh-cluster.mjs), the browser's app (web.mjs)
    if (/^((client|gateway).kinds|web|web-test)./.test(name) || name === join('apiserver', 'fresh-cluster.json'))
      continue;
    if (!name.startsWith('.') && !names.has(name) && !names.has(name.replace(/(\.d\.ts|\.js\.map|\.js)$/, '')))
      rmSync(file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
