// nekube and the real kube-apiserver with etcd side by side, both durable: start, memory, throughput.
//
//   npm run bench -- server [--quick] [--only TEXT] [--record] [--without-oracle]
//
// Load runs on one side, then on the other, several times; a ratio is the median of the ratios of neighbours, so that
// a machine that is busy for a while spoils a pair and not the result. The client is one process on the same machine.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startNekube } from '../suites/servers.mjs';
import { NoOracleError, startOracle } from '../tools/oracle.mjs';
import { Client } from './client.mjs';
import * as load from './load.mjs';
import { residentMb } from './processes.mjs';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    record: { type: 'boolean', default: false },
    'without-oracle': { type: 'boolean', default: false },
  },
});
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
];

const wanted = (name) => options.only === undefined || name.includes(options.only);
const figures = [];

/** Notes what both sides did. `ratios`: how many times better nekube is, once a pair. */
function note(name, unit, goal, ours, theirs, ratios, note = '') {
  const row = { name, unit, goal, ours, theirs, ratio: ratios.length > 0 ? median(ratios) : Number.NaN, ratios, note };
  figures.push(row);
  console.error(`bench: ${name}: ${short(ours)} ${unit}, oracle ${short(theirs)}, ratio ${short(row.ratio)}${note}`);
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

/** From exec to ready, with new data; the last pair stays. */
async function measureStart() {
  const ours = [];
  const theirs = [];
  let sides;
  for (let i = 0; i < pairs; i++) {
    await sides?.nekube.stop();
    await sides?.oracle?.stop();
    const began = performance.now();
    const nekube = await startNekube({ storage: 'lmdb' });
    ours.push(performance.now() - began);
    const oracle = await oracleOrNothing();
    if (oracle) theirs.push(oracle.startedMs);
    sides = { nekube, oracle };
  }
  const ratios = theirs.map((ms, i) => ms / ours[i]);
  if (wanted('start'))
    note('start, from exec to ready', 'ms', 10, median(ours), theirs.length > 0 ? median(theirs) : Number.NaN, ratios);
  return sides;
}

function measureMemory(name, goal, { nekube, oracle }) {
  const ours = residentMb([nekube.pid]);
  const theirs = oracle ? residentMb(oracle.pids) : Number.NaN;
  note(name, 'MB', goal, ours, theirs, oracle ? [theirs / ours] : []);
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
  note(
    `create ${objects} objects of 1 KB`,
    '/s',
    undefined,
    rates[0],
    rates[1] ?? Number.NaN,
    rates[1] ? [rates[0] / rates[1]] : [],
  );
  await sleep(3000);
  measureMemory(`resident memory, ${objects} objects`, 3, sides);
}

async function measureLoad({ load: { name, connections, prepare, run }, goal }, { nekube, oracle }) {
  const servers = [nekube, oracle].filter(Boolean);
  const clients = servers.map((server) => new Client(server, connections));
  for (const client of clients) await prepare(client);
  const results = clients.map(() => []);
  for (let i = 0; i < pairs; i++) {
    // which side begins changes, so that neither always has the warmer machine
    const order = i % 2 === 0 ? [0, 1] : [1, 0];
    for (const side of order.filter((n) => clients[n])) results[side].push(await run(clients[side]));
  }
  for (const client of clients) client.close();
  const perSecond = results.map((rows) => rows.map((row) => row.perSecond));
  const ratios = (perSecond[1] ?? []).map((theirs, i) => perSecond[0][i] / theirs);
  const p99 = results.map((rows) => short(median(rows.map((row) => row.p99Ms))));
  note(
    name,
    '/s',
    goal,
    median(perSecond[0]),
    perSecond[1] ? median(perSecond[1]) : Number.NaN,
    ratios,
    `, p99 ${p99.join(' and ')} ms`,
  );
}

function report() {
  const before = recorded('server');
  const spread = (ratios) => (ratios.length > 1 ? `${short(Math.min(...ratios))}–${short(Math.max(...ratios))}` : '');
  const rows = figures.map(({ name, unit, goal, ours, theirs, ratio, ratios }) => [
    name,
    `${short(ours)} ${unit}`,
    `${short(theirs)} ${unit}`,
    short(ratio),
    spread(ratios),
    goal === undefined ? '' : `${ratio >= goal ? 'reached' : 'missed'} (${goal})`,
    before[name] === undefined ? '' : short(before[name]),
  ]);
  printTable([['', 'nekube', 'oracle', 'ratio', 'spread', 'goal', 'recorded'], ...rows]);
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
      'server',
      machine,
      Object.fromEntries(figures.map(({ name, ratio }) => [name, Number(ratio.toPrecision(3))])),
    );
  }
} finally {
  await sides.nekube.stop();
  await sides.oracle?.stop();
}
