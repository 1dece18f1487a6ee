// nekube and the real kube-apiserver with etcd side by side, both durable: start, memory, throughput.
//
//   npm run bench -- server [--quick] [--only TEXT] [--record] [--without-oracle] [--storage etcd]
//
// With `--storage etcd`, nekube keeps its objects in an etcd of its own, which syncs as the oracle's does: memory and CPU
// are then those of both processes on both sides. `etcd:URL` is one that runs already, and is not counted.
//
// Load runs on one side, then on the other, several times; a ratio is the median of the ratios of neighbours, so that
// a machine that is busy for a while spoils a pair and not the result. The client is one process on the same machine.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startNekube } from '../suites/servers.mjs';
import { NoOracleError, startEtcd, startOracle } from '../tools/oracle.mjs';
import { Client } from './client.mjs';
import * as load from './load.mjs';
import * as policyLoad from './policy-load.mjs';
import { cpuMs, residentMb } from './processes.mjs';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    record: { type: 'boolean', default: false },
    'without-oracle': { type: 'boolean', default: false },
    storage: { type: 'string', default: 'lmdb' },
  },
});
/** What was recorded on another storage is nothing to compare with. */
const series = options.storage === 'lmdb' ? 'server' : 'server-etcd';
/** The program that users start. */
const program = fileURLToPath(new URL('../dist/bin/nekube.js', import.meta.url));
const pairs = options.quick ? 1 : 3;
const seconds = options.quick ? 1 : 2;
const objects = 10_000;

/** Loads, with the ratio that is the goal. */
const loads = [
  { goal: 3, load: load.applyChanged(1, seconds) },
  { goal: 3, load: load.applyChanged(16, seconds) },
  { goal: 3, load: load.applyChanged(64, seconds) },
  { goal: undefined, load: load.applyUnchanged(16, seconds) },
  { goal: undefined, load: load.applySecondManager(16, seconds) },
  { goal: undefined, load: load.create(16, seconds) },
  { goal: undefined, load: load.update(16, seconds) },
  { goal: 2, load: load.get(16, seconds) },
  { goal: 5, load: load.list(16, seconds, 1000) },
  { goal: 2, load: load.watchFanOut(200, options.quick ? 100 : 500) },
  { goal: undefined, load: policyLoad.applyWithRules(16, seconds) },
  { goal: undefined, load: policyLoad.applyUnderPolicies(16, seconds) },
  { goal: undefined, load: policyLoad.getUnderBindings(16, seconds, 1000) },
];

const wanted = (name) => options.only === undefined || name.includes(options.only);
const figures = [];

/**
 * Notes what both sides did. `ratios`: how many times better nekube is, once a pair; `cpu`: the CPU time that a request
 * costs each side, in milliseconds, which other work on the machine changes least.
 */
function note({ name, unit, goal, ours, theirs = Number.NaN, ratios = [], cpu = [] }) {
  const ratio = ratios.length > 0 ? median(ratios) : Number.NaN;
  figures.push({ name, unit, goal, ours, theirs, ratio, ratios, cpu });
  console.error(`bench: ${name}: ${short(ours)} ${unit}, oracle ${short(theirs)}, ratio ${short(ratio)}`);
}

/** Starts an oracle, or says why there is none. */
async function oracleOrNothing() {
  if (options['without-oracle']) return undefined;
  try {
    return await startOracle({ fsync: true });
  } catch (error) {
    if (!(error instanceof NoOracleError)) throw error;
    console.error(`bench: nekube alone: ${error.message}`);
    return undefined;
  }
}

/** Starts nekube on the storage that is asked for; `pids` are all processes that it takes. */
async function startOurs() {
  if (options.storage !== 'etcd') {
    const nekube = await startNekube({ storage: options.storage, main: program });
    return { ...nekube, pids: [nekube.pid] };
  }
  const etcd = await startEtcd({ fsync: true });
  const nekube = await startNekube({ storage: `etcd:${etcd.url}`, main: program });
  const stop = async () => {
    await nekube.stop();
    await etcd.stop();
  };
  return { ...nekube, pids: [nekube.pid, etcd.pid], stop };
}

/** From exec to ready, with new data; the last pair stays. */
async function measureStart() {
  const ours = [];
  const theirs = [];
  let sides;
  for (let i = 0; i < pairs; i++) {
    await sides?.nekube.stop();
    await sides?.oracle?.stop();
    const began = performance.now();
    const nekube = await startOurs();
    ours.push(performance.now() - began);
    const oracle = await oracleOrNothing();
    if (oracle) theirs.push(oracle.startedMs);
    sides = { nekube, oracle };
  }
  const ratios = theirs.map((ms, i) => ms / ours[i]);
  const name = 'start, from exec to ready';
  if (wanted('start')) note({ name, unit: 'ms', goal: 10, ours: median(ours), theirs: median(theirs), ratios });
  return sides;
}

function measureMemory(name, goal, { nekube, oracle }) {
  const ours = residentMb(nekube.pids);
  const theirs = oracle && residentMb(oracle.pids);
  note({ name, unit: 'MB', goal, ours, theirs, ratios: oracle && [theirs / ours] });
}

/** Memory at rest, with many objects, and how fast these were made. */
async function measureObjects(sides) {
  await sleep(3000);
  measureMemory('resident memory, idle', undefined, sides);
  const rates = [];
  for (const server of [sides.nekube, sides.oracle].filter(Boolean)) {
    const client = new Client(server, 16);
    rates.push(await load.fill(client, 'many', objects, 16));
    client.close();
  }
  const [ours, theirs] = rates;
  note({ name: `create ${objects} objects of 1 KB`, unit: '/s', ours, theirs, ratios: theirs && [ours / theirs] });
  await sleep(3000);
  measureMemory(`resident memory, ${objects} objects`, 3, sides);
}

/** Runs a load on both sides in turn. */
async function measureLoad({ load: { name, connections, prepare, run }, goal }, { nekube, oracle }) {
  const sides = [{ server: nekube, pids: nekube.pids }, ...(oracle ? [{ server: oracle, pids: oracle.pids }] : [])];
  for (const side of sides) {
    side.client = new Client(side.server, connections);
    side.results = [];
    await prepare(side.client);
  }
  for (let i = 0; i < pairs; i++) {
    // which side begins changes, so that neither always has the warmer machine
    for (const side of i % 2 === 0 ? sides : sides.toReversed()) {
      const before = cpuMs(side.pids);
      const result = await run(side.client);
      side.results.push({ ...result, cpu: (cpuMs(side.pids) - before) / result.requests });
    }
  }
  for (const { client } of sides) client.close();
  const [ours, theirs] = sides.map(({ results }) => results.map(({ perSecond }) => perSecond));
  const ratios = theirs?.map((rate, i) => ours[i] / rate);
  const cpu = sides.map(({ results }) => median(results.map((result) => result.cpu)));
  note({ name, unit: '/s', goal, ours: median(ours), theirs: theirs && median(theirs), ratios, cpu });
}

function report() {
  const before = recorded(series);
  const rows = figures.map(({ name, unit, goal, ours, theirs, ratio, ratios, cpu }) => [
    name,
    `${short(ours)} ${unit}`,
    `${short(theirs)} ${unit}`,
    short(ratio),
    ratios.length > 1 ? `${short(Math.min(...ratios))}–${short(Math.max(...ratios))}` : '',
    goal === undefined ? '' : `${ratio >= goal ? 'reached' : 'missed'} (${goal})`,
    before[name] === undefined ? '' : short(before[name]),
    cpu.map((ms) => `${short(ms)} ms`).join(' / '),
  ]);
  printTable([['', 'nekube', 'oracle', 'ratio', 'spread', 'goal', 'recorded', 'server CPU a request'], ...rows]);
}

console.error(
  `bench: ${availableParallelism()} processors, load average ${loadavg()[0].toFixed(1)}; ratios above 1: nekube is better`,
);
const sides = await measureStart();
try {
  if (wanted('memory')) await measureObjects(sides);
  for (const one of loads.filter(({ load: { name } }) => wanted(name))) await measureLoad(one, sides);
  if (wanted('memory')) measureMemory('resident memory, after load', undefined, sides);
  report();
  if (options.record) {
    const machine = `${availableParallelism()} × ${cpus()[0].model.trim()}, Node ${process.versions.node}`;
    recordFigures(
      series,
      machine,
      Object.fromEntries(figures.map(({ name, ratio }) => [name, Number(ratio.toPrecision(3))])),
    );
  }
} finally {
  await sides.nekube.stop();
  await sides.oracle?.stop();
}
