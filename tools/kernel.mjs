// npm run kernel [-- NUMBER… | --mutations]: the tests of the datapath in the kernel, as root, in network namespaces of their own.
//
// Prints each test as it ends, and each numbered case (suites/loadbalancer/cases.json) when its tests have; then all of them with what became
// of each, each mode with each family and protocol, and all other tests. With numbers, only these cases. --mutations breaks the datapath in known ways, each in a copy, and tells which tests notice.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { cellsOf, expanded, fileOf, isReferred, progressOf, resultOf } from './kernel/cases.mjs';
import { resultsOf } from './kernel/results.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const HELP = `usage: npm run kernel [-- NUMBER… | --mutations]

The tests of the datapath in the kernel, as root, in network namespaces of their own: the numbered cases of
suites/loadbalancer/cases.json, each mode with each family and protocol, and all other tests of the kernel.

Each test is printed as it ends, and each case when all its tests have; then come the cases once more as a table. Exit code: 0 all is
well, 1 a test failed, a case has a test that is not there, or nothing could be tested; 2 wrong words.

  NUMBER…       only these cases
  --mutations   breaks the datapath in known ways, each in a copy, and tells which tests notice
`;
// what hangs fails, and does not keep everybody waiting
const HANGS_MS = 10 * 60 * 1000;

const args = process.argv.slice(2).filter((arg) => arg !== '--');
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(HELP);
  process.exit(0);
}
const numbers = args.filter((arg) => arg !== '--mutations').map(Number);
if (numbers.some((number) => !Number.isInteger(number))) {
  process.stderr.write(`npm run kernel: ${args.join(' ')} must be numbers of cases\n\n${HELP}`);
  process.exit(2);
}

await build();
const { FAMILIES, MODES, PROTOCOLS, whyNot } = await import('../suites/loadbalancer/nodes.mjs');
const dimensions = { mode: MODES, family: FAMILIES, protocol: PROTOCOLS };
const lacks = whyNot();
if (lacks) {
  console.error(`npm run kernel: nothing was tested: ${lacks}`);
  process.exit(1);
}
if (args.includes('--mutations')) {
  const { runMutations } = await import('./kernel/mutations.mjs');
  process.exit((await runMutations(root)) ? 0 : 1);
}

const all = JSON.parse(readFileSync(join(root, 'suites/loadbalancer/cases.json'), 'utf8'));
const unknown = numbers.filter((number) => !all.some((one) => one.number === number));
if (unknown.length > 0) {
  console.error(`npm run kernel: there is no case ${unknown.join(', ')}`);
  process.exit(2);
}
const cases = numbers.length === 0 ? all : all.filter(({ number }) => numbers.includes(number));

/** All files of kernel tests, and those that cases name. */
function filesOf() {
  const named = cases.flatMap(({ tests }) => tests.map(fileOf));
  const found = ['dist', 'suites'].flatMap((dir) =>
    readdirSync(join(root, dir), { recursive: true })
      .filter((file) => /\.kernel\.test\.m?js$/.test(file))
      .map((file) => join(dir, file)),
  );
  return [...new Set(numbers.length === 0 ? [...found, ...named] : named)].sort();
}

const wanted = filesOf();
const missing = wanted.filter((file) => !existsSync(join(root, file)));
const began = Date.now();
const progress = progressOf(cases, dimensions, (line) => console.log(line));
const outcomes = await resultsOf({
  root,
  files: wanted.filter((file) => !missing.includes(file)).map((file) => join(root, file)),
  concurrency: Math.max(2, availableParallelism()),
  timeout: HANGS_MS,
  onOutcome: (outcome) => {
    progress(outcome);
    const { file, names, result, reason } = outcome;
    if (result === 'failed') console.error(`${file}: ${names.join(' > ')}\n${reason.replace(/^/gm, '    ')}\n`);
  },
});

console.log();
let isGood = missing.length === 0;
for (const file of missing) console.log(`FAIL       there is no file ${file}`);
for (const one of cases) {
  const { result, reasons, tests, skipped } = resultOf(one, outcomes, dimensions);
  isGood &&= result !== 'FAIL';
  const also = skipped > 0 ? `, ${skipped} skipped: ${reasons[0]}` : '';
  const count = result === 'ok' ? `  (${tests} ${tests === 1 ? 'test' : 'tests'}${also})` : '';
  console.log(`${result.padEnd(10)} ${`${one.number}`.padStart(2)}  ${one.holds}${count}`);
  if (result !== 'ok') for (const reason of reasons) console.log(`               ${reason}`);
}
if (numbers.length === 0) {
  isGood = printCells() && isGood;
  isGood = printOthers() && isGood;
}
const seconds = ((Date.now() - began) / 1000).toFixed(0);
const failed = outcomes.filter(({ result }) => result === 'failed').length;
console.log(`\n${outcomes.length - failed} of ${outcomes.length} tests in ${seconds} s, ${failed} failed`);
process.exitCode = isGood && failed === 0 ? 0 : 1;

function printCells() {
  const rows = cellsOf(outcomes, dimensions);
  const line = (words) => console.log(words.map((word, i) => word.padEnd(i === 0 ? 12 : 10)).join(' '));
  console.log();
  line(['', ...rows[0].cells.map(({ name }) => name)]);
  for (const { mode, cells } of rows) line([mode, ...cells.map(({ result }) => result)]);
  return rows.every(({ cells }) => cells.every(({ result }) => result !== 'MISSING' && result !== 'FAIL'));
}

/** Those that no case names. */
function printOthers() {
  const references = all.flatMap(({ tests }) => tests.flatMap((one) => expanded(one, dimensions)));
  const others = outcomes.filter((outcome) => !isReferred(references, outcome));
  console.log('\nothers');
  for (const { file, names, result, reason } of others) {
    const word = { ok: 'ok', failed: 'FAIL', skipped: 'skipped' }[result];
    const why = result === 'skipped' && reason ? `  (${reason})` : '';
    console.log(`${word.padEnd(10)} ${relative('.', file)}: ${names.join(' > ')}${why}`);
  }
  return others.every(({ result }) => result !== 'failed');
}
