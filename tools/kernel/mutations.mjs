// Breaks the datapath in known ways, each in a copy of what is built, and tells which tests notice: a test that cannot fail proves nothing.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { resultsOf } from './results.mjs';

/** Who waits for an answer that never comes does so for less time than usual. */
const WAIT_MS = 2000;
const HANGS_MS = 3 * 60 * 1000;

/**
 * A way to break the datapath: what of a source file is replaced by what, and the suites of tests of which one must notice.
 *
 * @typedef {{name: string, file: string, from: string, to: string, run: readonly {file: string, suites: readonly string[]}[]}} Mutation
 */

/**
 * A source with the mutation in it.
 *
 * @throws Error what is to be replaced is not there exactly once
 */
export function mutated(text, { name, file, from, to }) {
  const found = text.split(from).length - 1;
  if (found !== 1)
    throw new Error(`Cannot mutate "${name}": its text must be in ${file} once, and is there ${found} times:\n${from}`);
  return text.replace(from, () => to);
}

/** What the compiler makes of a source, without its checks. */
function emitted(text) {
  const { code } = transformSync(text, { loader: 'ts', format: 'esm', target: 'es2023' });
  return code.replaceAll(/((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']+)\.ts(["'])/g, '$1$2.js$3');
}

/** A copy of the package with the mutation, or with none; the folder is to be removed. */
function copyWith(root, mutation) {
  const folder = mkdtempSync(join(tmpdir(), 'nekube-mutation-'));
  // links to the same files where that can be
  for (const options of ['-al', '-a'])
    if (spawnSync('cp', [options, join(root, 'dist'), folder], { stdio: 'ignore' }).status === 0) break;
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  cpSync(join(root, 'suites', 'loadbalancer'), join(folder, 'suites', 'loadbalancer'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  if (mutation.file === undefined) return folder;
  const source = mutated(readFileSync(join(root, mutation.file), 'utf8'), mutation);
  const target = join(folder, mutation.file.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js'));
  // the file is the original's as well, until it is another one
  for (const file of [target, `${target}.map`]) rmSync(file, { force: true });
  writeFileSync(target, emitted(source));
  return folder;
}

async function outcomesOf(root, mutation) {
  const folder = copyWith(root, mutation);
  try {
    const outcomes = [];
    for (const { file, suites } of mutation.run)
      outcomes.push(
        ...(await resultsOf({
          root: folder,
          files: [join(folder, `${file}.test.mjs`)],
          concurrency: 1,
          timeout: HANGS_MS,
          testNamePatterns: suites.map((suite) => `^${suite.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`),
        })),
      );
    return outcomes.filter(({ reason = '' }) => !reason.includes('does not match pattern'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether tests have noticed, and not only found that nothing can be loaded; where nothing is broken they must not. */
function verdictOf({ file }, outcomes) {
  const failed = outcomes.filter(({ result }) => result === 'failed');
  const broken = failed.find(({ reason }) => /VerifierError|Cannot load program|ERR_MODULE|SyntaxError/.test(reason));
  if (broken) return { verdict: 'CANNOT RUN', failed: [broken] };
  if (outcomes.length === 0) return { verdict: 'CANNOT RUN', failed };
  if (file === undefined) return { verdict: failed.length > 0 ? 'FAIL' : 'ok', failed };
  return { verdict: failed.length > 0 ? 'noticed' : 'UNNOTICED', failed };
}

/** Tries all mutations, a few at the same time, and prints what became of each. Gives whether all were noticed. */
export async function runMutations(root, concurrency = 2) {
  const mutations = JSON.parse(readFileSync(join(root, 'suites/loadbalancer/mutations.json'), 'utf8'));
  // before anything runs: a text that is gone is no mutation
  for (const mutation of mutations) mutated(readFileSync(join(root, mutation.file), 'utf8'), mutation);
  mutations.unshift({ name: 'nothing is broken', run: union(mutations.flatMap(({ run }) => run)) });
  process.env.NEKUBE_PEER_WAIT_MS = `${WAIT_MS}`;
  const waiting = [...mutations.entries()];
  const verdicts = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, mutation] = next;
      const outcomes = await outcomesOf(root, mutation);
      verdicts[index] = { ...verdictOf(mutation, outcomes), tests: outcomes.length };
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  for (const [i, { verdict, failed, tests }] of verdicts.entries()) {
    console.log(`${verdict.padEnd(11)} ${mutations[i].name}  (${failed.length} of ${tests} tests failed)`);
    for (const { names, reason } of failed.slice(0, 3))
      console.log(`              ${names.join(' > ')}: ${reason.split('\n').find((line) => line.trim() !== '')}`);
  }
  return verdicts.every(({ verdict }) => verdict === 'noticed' || verdict === 'ok');
}

/** All that the mutations run, each file once. */
function union(run) {
  const files = new Map();
  for (const { file, suites } of run) files.set(file, new Set([...(files.get(file) ?? []), ...suites]));
  return [...files].map(([file, suites]) => ({ file, suites: [...suites] }));
}
