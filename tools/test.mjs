// npm test [-- PATH…] [-- --update]: builds what changed, then runs every test under the given paths with node's runner.
//
// A path is a folder or file below src/ (smd/fieldpath), or below the project (suites/golden). Without one, all tests
// run: dist/**/*.test.js and suites/**/*.test.mjs. --update has tests write their expectations anew.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** All test files of the project, as paths from its root. */
function allTests() {
  const built = walk(join(root, 'dist')).filter((file) => file.endsWith('.test.js'));
  const suites = walk(join(root, 'suites')).filter((file) => file.endsWith('.test.mjs'));
  const examples = walk(join(root, 'examples')).filter((file) => file.endsWith('.test.mjs'));
  return [...built, ...suites, ...examples].map((file) => relative(root, file)).sort();
}

function walk(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** The tests that a path names: `smd`, `src/smd`, `smd/fieldpath/set`, `smd/fieldpath/set.test.ts`, `suites/golden`. */
function under(path, tests) {
  const wanted = path
    .replace(/^\.?\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.ts$/, '.js');
  const rooms = wanted.replace(/^(src|dist)(\/|$)/, '');
  // the browser app's are built apart: web/src/resources/filter
  const places = [wanted, join('dist', rooms), wanted.replace(/^web(\/src)?(?=\/|$)/, 'dist/web-test')];
  return tests.filter((test) =>
    places.some((place) => test === place || test.startsWith(`${place}/`) || test.startsWith(`${place}.test.`)),
  );
}

/**
 * Tests of the storage on etcd start etcd: the oracle's, or that of the system, which is installed here where that can be
 * done. Elsewhere these tests say what they lack, and are skipped.
 */
function installEtcd() {
  const folders = [process.env.ORACLES, join(homedir(), '.cache', 'nekube-oracles'), join(homedir(), 'oracles')];
  if (folders.some((dir) => dir && existsSync(join(dir, 'etcd')))) return;
  if (spawnSync('etcd', ['--version'], { stdio: 'ignore' }).status !== 0) installPackage('etcd-server');
}

/** Tests of the console open its pages in the system's Chromium, in the same way. */
function installChromium() {
  const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  if (!places.some((path) => path && existsSync(path))) installPackage('chromium');
}

/** Installs a package of the system, as root on a Debian; does nothing elsewhere. */
function installPackage(name) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  console.error(`npm test: installing ${name}, once`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', ['-qq', '-y', ...args], { stdio: 'ignore', env, timeout: 300_000 });
  if (apt('install', name).status !== 0) {
    apt('update');
    apt('install', name);
  }
}

const args = process.argv.slice(2);
const update = args.includes('--update');
const paths = args.filter((arg) => arg !== '--update' && arg !== '--');
const unknown = paths.find((path) => path.startsWith('-'));
if (unknown !== undefined) {
  console.error(`npm test: unknown option ${unknown}; it takes paths and --update`);
  process.exit(2);
}

installEtcd();
await build();
const tests = allTests();
const empty = paths.filter((path) => under(path, tests).length === 0);
if (empty.length > 0) {
  console.error(`npm test: no test under ${empty.join(', ')}`);
  process.exit(2);
}
const chosen = paths.length === 0 ? tests : [...new Set(paths.flatMap((path) => under(path, tests)))];
if (chosen.some((test) => test.startsWith(join('suites', 'console')))) installChromium();

const concurrency = Math.max(2, availableParallelism());
// what hangs fails, and does not keep everybody waiting
const HANGS_MS = 15 * 60 * 1000;
const flags = [
  '--enable-source-maps',
  `--import=${new URL('seed.mjs', import.meta.url)}`,
  '--test',
  `--test-concurrency=${concurrency}`,
  `--test-timeout=${HANGS_MS}`,
];
const reports = mkdtempSync(join(tmpdir(), 'nekube-test-'));
const failed = join(reports, 'failed');
const reporters = [
  [process.stdout.isTTY ? 'spec' : 'tap', 'stdout'],
  [join(root, 'tools', 'failures-reporter.mjs'), failed],
];
for (const [reporter, destination] of reporters)
  flags.push(`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`);

// what holds at last holds on a machine that is busy with something else, too; what is drawn is the same each time
const env = {
  NEKUBE_TEST_PATIENCE_MS: '60000',
  NEKUBE_SEED: '1',
  ...process.env,
  ...(update && { NEKUBE_UPDATE_GOLDENS: '1' }),
};
const runner = spawn(process.execPath, [...flags, ...chosen], { cwd: root, stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => runner.kill(signal));
runner.on('exit', (code, signal) => {
  const failures = existsSync(failed) ? readFileSync(failed, 'utf8') : '';
  rmSync(reports, { recursive: true });
  // exitCode, so that a pipe has all of it
  process.exitCode = signal ? 1 : (code ?? 1);
  // what the runner prints of 12,000 tests is long, so what failed comes last
  if (failures !== '') console.log(`\nFailed:\n\n${failures}`);
});
