// Go's envtest on the programs of `nekube assets` and on the real kube-apiserver with etcd: how soon a suite can begin and
// end, what the two processes take, and how long whole suites of controllers run. Then nekube/envtest in this process.
//
//   npm run bench -- envtest [--quick] [--only start,suites,process] [--pairs N] [--suites NAME,…] [--sources DIR]
//
// Suites are those of suites/assets/suites.mjs, from folders in --sources or from the Go module proxy; which cannot be had is
// said and left out. The sides run in turn, and which one begins changes; a ratio is the median of the ratios of neighbours.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureAssets } from 'nekube/envtest';
import { compileSuite } from '../suites/assets/sources.mjs';
import { SUITES } from '../suites/assets/suites.mjs';
import { buildOracle, oraclePrograms } from '../tools/oracle.mjs';
import { childrenOf, endedCpuMs, memoryMb } from './processes.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'start,suites,process' },
    pairs: { type: 'string' },
    suites: { type: 'string', default: 'accurate-hooks,rabbitmq-api,client' },
    sources: { type: 'string' },
  },
});
const parts = options.only.split(',');
const pairs = Number(options.pairs ?? (options.quick ? 1 : 5));
const here = fileURLToPath(new URL('envtest/', import.meta.url));
/** How memory is counted; see memoryMb. */
const COUNTS = { once: 'shared pages once', rss: 'RSS', pss: 'PSS' };
/** How long the pair rests before its memory is read. */
const REST_MS = 3000;
/** The real one does not end while a watch is open; envtest waits 20 s by itself. */
const STOP_TIMEOUT = options.quick ? '2s' : '20s';

const scratch = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
const rows = [];
try {
  console.error(
    `bench: ${availableParallelism()} processors, load average ${loadavg()[0].toFixed(1)}; ratios above 1: nekube is better`,
  );
  const sides = [ourSide(), realSide()];
  if (parts.includes('start')) await measureStart(sides, buildFrame());
  if (parts.includes('suites')) for (const name of options.suites.split(',')) await measureSuite(sides, name);
  if (parts.includes('process')) for (const level of ['fake', 'envtest']) measureInProcess(level);
  printTable([['', 'nekube', 'real', 'ratio', 'spread', 'goal'], ...rows]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The programs as users have them: made by `nekube assets`, in a folder of this run. */
function ourSide() {
  const { path, root } = ensureAssets({ dir: join(scratch, 'ours') });
  return { path, root, kubernetes: '1.36.3' };
}

/** The real ones, in the layout that tests ask for which download them. */
function realSide() {
  buildOracle();
  const platform = spawnSync('go', ['env', 'GOOS', 'GOARCH'], { encoding: 'utf8' }).stdout.trim().split('\n').join('-');
  const path = join(scratch, 'real', `1.36.3-${platform}`);
  mkdirSync(path, { recursive: true });
  for (const [name, program] of Object.entries(oraclePrograms())) symlinkSync(program, join(path, name));
  return { path, root: dirname(path), kubernetes: '1.36.3' };
}

function environmentOf({ path, root, kubernetes }) {
  return {
    KUBEBUILDER_ASSETS: path,
    ENVTEST_ASSETS_DIR: root,
    ENVTEST_KUBERNETES_VERSION: kubernetes,
    KUBEBUILDER_CONTROLPLANE_STOP_TIMEOUT: STOP_TIMEOUT,
    KUBEBUILDER_CONTROLPLANE_START_TIMEOUT: '120s',
  };
}

/** The suite without tests. */
function buildFrame() {
  const output = join(scratch, 'frame');
  const env = { ...process.env, GOFLAGS: '-mod=mod' };
  const { status } = spawnSync('go', ['build', '-C', here, '-o', output, '.'], { env, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('Cannot build bench/envtest');
  return output;
}

/** Runs `measure` on both sides in turn; gives what was measured, of ours and of theirs. */
async function inTurn([ours, real], measure) {
  const results = [[], []];
  for (let i = 0; i < pairs; i++) {
    const order = i % 2 === 0 ? [0, 1] : [1, 0];
    for (const which of order) results[which].push(await measure(which === 0 ? ours : real));
  }
  return results;
}

/** Adds a row. Less is better in all of them. `best`: a goal for ours alone, in its unit; `goal`: for the ratio. */
function note(name, unit, [ours, theirs], { goal, best } = {}) {
  const ratios = ours.map((one, i) => theirs[i] / one);
  const ratio = median(ratios);
  const reached = [goal === undefined || ratio >= goal, best === undefined || median(ours) <= best].every(Boolean);
  const goals = [goal && `${goal} times`, best && `${best} ${unit}`].filter(Boolean).join(', ');
  rows.push([
    name,
    `${short(median(ours))} ${unit}`,
    `${short(median(theirs))} ${unit}`,
    short(ratio),
    `${short(Math.min(...ratios))}–${short(Math.max(...ratios))}`,
    goals && `${reached ? 'reached' : 'missed'} (${goals})`,
  ]);
  console.error(`bench: ${rows.at(-1).join('  ')}`);
}

async function measureStart(sides, frame) {
  const results = await inTurn(sides, (side) => runFrame(frame, side));
  const each = (field) => results.map((side) => side.map((result) => result[field]));
  note('Environment.Start', 'ms', each('startMs'), { goal: 5, best: 1000 });
  note('start to the first answer', 'ms', each('firstMs'), { goal: 5 });
  note('CPU of start, rest and stop', 'ms', each('cpuMs'));
  note('Environment.Stop, 20 watches open', 'ms', each('stopMs'), { best: 300 });
  for (const count of ['once', 'rss', 'pss'])
    note(`memory after start, ${COUNTS[count]}`, 'MB', each(count), { goal: count === 'once' ? 3 : undefined });
}

/** Starts a control plane, lets it rest, reads its memory and stops it. */
async function runFrame(frame, side) {
  const cpuBefore = endedCpuMs();
  const env = { ...process.env, ...environmentOf(side) };
  const child = spawn(frame, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const told = async () => JSON.parse((await lines.next()).value);
  const started = await told();
  await sleep(REST_MS);
  const memory = memoryMb(childrenOf(child.pid));
  child.stdin.end('\n');
  const stopped = await told();
  await ended;
  return { ...started, ...memory, stopMs: stopped.stopMs, cpuMs: endedCpuMs() - cpuBefore };
}

async function measureSuite(sides, name) {
  const compiled = compileSuite(name, SUITES[name], scratch, options.sources);
  if (compiled.skip !== undefined) {
    console.error(`bench: ${name} is left out: ${compiled.skip}`);
    return;
  }
  const results = await inTurn(sides, (side) => runPassing(compiled, side));
  const each = (field) => results.map((side) => side.map((result) => result[field]));
  note(`suite ${name}, ${results[0][0].passed} specs`, 's', each('seconds'), { goal: 1 });
  note(`suite ${name}, CPU of all`, 's', each('cpu'));
  note(`suite ${name}, most memory, ${COUNTS.once}`, 'MB', each('memory'), { goal: 3 });
}

/** The time of a suite that fails says nothing; on a busy machine one may fail on either side. @throws Error at the third */
async function runPassing(compiled, side) {
  for (let tries = 1; ; tries++) {
    try {
      return await runSuite(compiled, side);
    } catch (error) {
      if (tries === 3) throw error;
      console.error(`bench: once more: ${error.message}`);
    }
  }
}

/** @throws Error when a suite fails */
async function runSuite({ binary, cwd, env }, side) {
  const cpuBefore = endedCpuMs();
  const began = performance.now();
  const child = spawn(binary, [], {
    cwd,
    env: { ...env, ...environmentOf(side) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.on('data', (data) => (text += data));
  let memory = 0;
  const sampling = setInterval(() => {
    const { once } = memoryMb(childrenOf(child.pid));
    if (once > memory) memory = once;
  }, 200);
  const status = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(sampling);
  const seconds = (performance.now() - began) / 1000;
  const passed = Number(/(\d+) Passed/.exec(text.replaceAll(/\u001b\[[\d;]*m/g, ''))?.[1]);
  if (status !== 0) throw new Error(`${binary} fails on ${side.path}:\n${text.slice(-2000)}`);
  return { seconds, memory, passed, cpu: (endedCpuMs() - cpuBefore) / 1000 };
}

/** The first start of a process makes what the others share, so that each run is a process. */
function measureInProcess(level) {
  const runs = Array.from({ length: pairs }, () => {
    const { stdout } = spawnSync(process.execPath, [`${here}in-process.mjs`, level, '10'], { encoding: 'utf8' });
    return JSON.parse(stdout);
  });
  const first = median(runs.map((run) => run.first));
  const later = runs.flatMap((run) => run.later);
  const spread = `${short(Math.min(...later))}–${short(Math.max(...later))}`;
  rows.push([`start() in process at ${level}, the first`, `${short(first)} ms`, '', '', '', '']);
  const goal = `${median(later) <= 100 ? 'reached' : 'missed'} (100 ms)`;
  rows.push([`start() in process at ${level}, others`, `${short(median(later))} ms`, '', '', spread, goal]);
}
