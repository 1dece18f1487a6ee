// The load balancer in the kernel: its programs beside the same in C, its connections beside those through kube-proxy's rules, and how long it
// takes until the kernel has many Services. Ratios above 1: the other takes longer.
//
//   npm run bench -- lb [--only packets,programming,traffic,maglev] [--quick] [--record]
//
// Needs root. C is left out where there is no clang (CLANG, clang, clang-19), rules where there is no iptables-restore or nft.
import { cpus, loadavg, release } from 'node:os';
import { parseArgs } from 'node:util';
import { whyNot } from '../suites/loadbalancer/nodes.mjs';
import { clangName } from './lb/compiled.mjs';
import { movedFlows } from './lb/moved.mjs';
import { measurePackets } from './lb/packet.mjs';
import { iptablesRestore, programmed, programmedByRules } from './lb/programming.mjs';
import { Traffic } from './lb/traffic.mjs';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const PARTS = { packets, maglev, programming, traffic };
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join() },
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const { quick } = options;
const reason = whyNot();
if (reason) {
  console.error(`bench lb: ${reason}`);
  process.exit(1);
}

const figures = {};
const load = () => `load ${loadavg()[0].toFixed(1)}`;
for (const name of options.only.split(',')) {
  if (PARTS[name] === undefined) {
    console.error(`bench lb: there is no part called ${name}; there are ${Object.keys(PARTS).join(', ')}`);
    process.exit(2);
  }
  await PARTS[name]();
}
const before = recorded('lb');
console.log('\nAll figures');
printTable([
  ['', 'now', 'recorded'],
  ...Object.entries(figures).map(([name, value]) => [name, short(value), short(before[name] ?? Number.NaN)]),
]);
if (options.record)
  recordFigures(
    'lb',
    { cpu: cpus()[0].model, kernel: release(), compiler: clangName(), node: process.version },
    {
      ...before,
      ...figures,
    },
  );

function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Nanoseconds a packet of dsr-ipip takes, by test runs. */
function packets() {
  const counts = quick ? [1, 10_000] : [1, 100, 10_000, 60_000];
  const { clang, found } = measurePackets({ counts, rounds: quick ? 15 : 41, repeat: 20_000 });
  console.log(`\nns a packet of dsr-ipip (${load()}); C by ${clang ?? 'nobody: there is no clang'}`);
  const rows = [
    [
      'services',
      ...['tc', 'xdp'].flatMap((at) => ['known', 'new'].flatMap((flow) => [`${at}, ${flow} flow`, 'C', 'ours/C'])),
    ],
  ];
  for (const { count, times } of found) {
    const row = [String(count)];
    for (const at of ['tc', 'xdp'])
      for (const flow of ['known', 'new']) {
        const [ours, theirs] = [times[`${at}_${flow}_ours`], times[`${at}_${flow}_c`]];
        row.push(short(ours), short(theirs), (ours / theirs).toFixed(2));
        figures[`${at}, ${flow} flow, ${count} services: ns`] = ours;
        if (theirs !== undefined) figures[`${at}, ${flow} flow, ${count} services: ours / C`] = ours / theirs;
      }
    rows.push(row);
  }
  printTable(rows);
  const { bare_sched_cls: tc, bare_xdp: xdp } = found[0].times;
  console.log(`a bare return: ${short(tc)} at tc, ${short(xdp)} at XDP`);
}

/** How many flows move that need not. */
function maglev() {
  console.log('\nflows of other backends that move when one goes: the mean of 20 seeds, and the most');
  const slots = [100, 200, 600];
  const rows = [['backends', ...slots.map((one) => `${one} slots each`)]];
  for (const count of [5, 20, 100, 300]) {
    const row = slots.map((one) => {
      const { mean, most } = movedFlows(count, one);
      figures[`moved flows, ${count} backends, ${one} slots each: %`] = 100 * mean;
      return `${(100 * mean).toFixed(2)} % (${(100 * most).toFixed(2)})`;
    });
    rows.push([String(count), ...row]);
  }
  printTable(rows);
}

/** Services with five endpoints each, until the kernel has them. */
function programming() {
  console.log('\nprogramming Services with 5 endpoints each: seconds on the clock, and of CPU');
  const rows = [['services', 'ours', 'CPU', 'iptables-restore', 'CPU', 'nft -f', 'CPU', 'one change', '99 %', 'load']];
  for (const count of quick ? [1000] : [1000, 10_000]) {
    const runs = Array.from({ length: quick ? 3 : 5 }, () => programmed(count));
    const best = runs.reduce((a, b) => (b.wallMs < a.wallMs ? b : a));
    const cpuMs = Math.min(...runs.map((run) => run.cpuMs));
    const rules = ['iptables', 'nft'].map((kind) => programmedByRules(count, kind));
    const seconds = (ms) => (ms === undefined ? '–' : short(ms / 1000));
    const events = runs.flatMap((run) => run.events);
    rows.push([
      ...[String(count), seconds(best.wallMs), seconds(cpuMs)],
      ...rules.flatMap((one) => [seconds(one?.wallMs), seconds(one?.cpuMs)]),
      ...[`${short(median(events))} ms`, `${short(percentile(events, 0.99))} ms`, loadavg()[0].toFixed(1)],
    ]);
    figures[`${count} services programmed: s`] = best.wallMs / 1000;
    figures[`${count} services programmed: s of CPU`] = cpuMs / 1000;
    figures[`${count} services programmed: iptables-restore / ours, CPU`] = (rules[0]?.cpuMs ?? Number.NaN) / cpuMs;
    figures[`${count} services programmed: nft / ours, CPU`] = (rules[1]?.cpuMs ?? Number.NaN) / cpuMs;
    figures[`one EndpointSlice of ${count} changed: ms`] = median(events);
  }
  printTable(rows);
  console.log(
    `the fastest of ${quick ? 3 : 5} processes of ours, rules once; by ${iptablesRestore() ?? 'no iptables'}`,
  );
}

/** Connections and uploads through a network of namespaces. */
async function traffic() {
  for (const count of quick ? [1, 1000] : [1, 100, 1000, 10_000]) {
    const network = await Traffic.open(count);
    try {
      await measureTraffic(network, count);
    } finally {
      await network.close();
    }
  }
}

async function measureTraffic(network, count) {
  const ways = Object.keys(network.ways);
  const found = Object.fromEntries(ways.map((way) => [way, { connects: [], rates: [], uploads: [] }]));
  // in turn, so that what else the machine does is the same for all
  for (let round = 0; round < (quick ? 20 : 60); round++)
    for (const way of ways) found[way].connects.push(...(await network.connects(way, 50)));
  for (let round = 0; round < (quick ? 3 : 7); round++)
    for (const way of ways) {
      found[way].rates.push(await network.perSecond(way, 500, 8));
      found[way].uploads.push(await network.upload(way, 50e6));
    }
  const p10 = (way) => percentile(found[way].connects, 0.1);
  const over = (way) => p10(way) - p10('direct');
  console.log(`\n${count} services (${load()}): a connect at the tenth percentile, connections a second, an upload`);
  printTable([
    ['', 'µs', 'over direct', 'connections/s', 'MB/s'],
    ...ways.map((way) => {
      // the best of some: what else the machine does takes away from them, and never adds
      const [rate, upload] = [Math.max(...found[way].rates), Math.max(...found[way].uploads) / 1e6];
      figures[`${way}, ${count} services: connections/s`] = rate;
      figures[`${way}, ${count} services: MB/s`] = upload;
      if (way !== 'direct') figures[`${way}, ${count} services: µs over direct`] = over(way);
      return [way, short(p10(way)), way === 'direct' ? '' : short(over(way)), short(rate), short(upload)];
    }),
  ]);
  for (const theirs of ['iptables', 'nftables'].filter((way) => ways.includes(way)))
    for (const ours of ['snat', 'dsr-ipip'])
      figures[`${theirs} / ${ours}, ${count} services: µs over direct`] = over(theirs) / over(ours);
}
