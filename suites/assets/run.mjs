// npm run suites -- assets [NAME…] [--sources DIR] [--assets DIR]
//
// Runs suites of Go's envtest, unmodified, on the programs of `nekube assets`, and compares how many specs pass with how
// many pass on the real kube-apiserver and etcd. Sources are folders in DIR, named as in suites.mjs, or Go modules of the
// proxy. --assets names other programs, such as the real ones. What cannot be had is said and left out.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compileSuite } from './sources.mjs';
import { SUITES } from './suites.mjs';

const program = fileURLToPath(new URL('../../dist/bin/nekube.js', import.meta.url));
const minutes = 15;

const options = { sources: { type: 'string' }, assets: { type: 'string' } };
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(SUITES);
const unknown = names.filter((name) => SUITES[name] === undefined);
if (unknown.length > 0) {
  console.error(`usage: npm run suites -- assets [${Object.keys(SUITES).join('|')}] [--sources DIR] [--assets DIR]`);
  process.exit(2);
}
if (spawnSync('go', ['version']).status !== 0) {
  console.log('skipped: there is no Go here');
  process.exit(0);
}

const scratch = mkdtempSync(join(tmpdir(), 'nekube-suites-'));
const folder = assetsFolder();
const results = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const name of names) {
    const { outcome, said } = runSuite(name, SUITES[name]);
    results[outcome]++;
    console.log(`${outcome.padEnd(7)} ${name}: ${said}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(`${results.passed} passed, ${results.failed} failed, ${results.skipped} skipped`);
process.exitCode = results.failed > 0 ? 1 : 0;

/** The programs, and a folder with them by their version for tests that look for what they would download. */
function assetsFolder() {
  if (values.assets === undefined) {
    const { status, stdout } = spawnSync(process.execPath, [program, 'assets', '-o', 'json'], { encoding: 'utf8' });
    if (status !== 0) process.exit(2);
    return JSON.parse(stdout);
  }
  const root = join(scratch, 'k8s');
  mkdirSync(root);
  const platform = spawnSync('go', ['env', 'GOOS', 'GOARCH'], { encoding: 'utf8' }).stdout.trim().split('\n').join('-');
  symlinkSync(resolve(values.assets), join(root, `1.36.3-${platform}`));
  return { path: resolve(values.assets), root, kubernetes: '1.36.3' };
}

function runSuite(name, suite) {
  const compiled = compileSuite(name, suite, scratch, values.sources);
  if (compiled.skip !== undefined) return { outcome: 'skipped', said: compiled.skip };
  return judge(suite, execute(compiled), compiled.exact);
}

function execute({ binary, cwd, env }) {
  const began = performance.now();
  const { status, stdout } = spawnSync(binary, ['-test.v'], {
    cwd,
    env: {
      ...env,
      KUBEBUILDER_ASSETS: folder.path,
      ENVTEST_ASSETS_DIR: folder.root,
      ENVTEST_KUBERNETES_VERSION: folder.kubernetes,
    },
    encoding: 'utf8',
    timeout: minutes * 60_000,
    maxBuffer: 2 ** 30,
  });
  return { status, stdout, seconds: (performance.now() - began) / 1000 };
}

function judge({ specs, tests }, { status, stdout, seconds }, exact) {
  const text = stdout.replaceAll(/\u001b\[[\d;]*m/g, '');
  const took = `in ${seconds.toFixed(1)} s`;
  const counted = /(\d+) Passed \| (\d+) Failed/.exec(text);
  const passed = counted === null ? (text.match(/^ *--- PASS/gm) ?? []).length : Number(counted[1]);
  const wanted = exact ? (specs ?? tests) : undefined;
  const enough = wanted === undefined || passed >= wanted;
  if (status === 0 && enough) return { outcome: 'passed', said: `${passed} ${took}` };
  const failures = [...text.matchAll(/^\s*(\[FAIL\] .*|--- FAIL: .*)$/gm)].map(([, line]) => `\n    ${line}`);
  const shown = wanted === undefined ? `${passed}` : `${passed} of ${wanted}`;
  return { outcome: 'failed', said: `${shown} ${took}${[...new Set(failures)].join('')}` };
}
