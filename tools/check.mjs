// npm run check: what must hold before a commit. Types, format, lint, the package's shape, then all tests (which hold the
// arrows between rooms and the comments of exports too). Goes on after a failure, so that one run tells all.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { install } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => `node_modules/.bin/${name}`;
const node = process.execPath;

const STEPS = [
  ['types', node, ['tools/build.mjs']],
  ['format', bin('biome'), ['format', '--max-diagnostics=20']],
  ['lint', bin('oxlint'), ['--quiet', 'src', 'tools', 'suites', 'bench', 'web']],
  ['package', bin('publint'), ['--strict', '--pack', 'npm']],
  ['tests', node, ['tools/test.mjs']],
];

install();
const failed = STEPS.filter(([name, command, args]) => {
  console.error(`check: ${name}`);
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status !== 0;
}).map(([name]) => name);

console.error(failed.length === 0 ? 'check: all is well' : `check: failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
