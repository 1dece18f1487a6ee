// The load balancer in the kernel: its programs beside the same in C, its connections beside those through kube-proxy's rules, and how long it
// takes until the kernel has many Services. Ratios above 1: the other takes longer.
//
//   npm run bench -- lb [--only packets,programming,traffic,maglev] [--rounds N] [--quick] [--record]
//
// All of it takes some four minutes on a machine that does nothing else, a third of which is nft. `--rounds` is of traffic (20): each has all ways in
// turn, and what is compared is of one round. Exits with 0 whether goals are reached or not.
//
// Needs root. C is left out where there is no clang (CLANG, clang, clang-19), rules where there is no iptables-restore or nft.
import { cpus, loadavg, release } from 'node:os';
import { parseArgs } from 'node:util';
import { whyNot } from '../suites/loadbalancer/nodes.mjs';
import { clangName } from './lb/compiled.mjs';
import { Goals } from './lb/goals.mjs';
import { movedFlows } from './lb/moved.mjs';
import { measurePackets } from './lb/packet.mjs';
import { iptablesRestore, programmed, programmedByRules } from './lb/programming.mjs';
import { measureRounds, percentile, ratios } from './lb/rounds.mjs';
import { Traffic } from './lb/traffic.mjs';
import { median, printTable, recorded, recordFigures, short } from './table.mjs';

const PARTS = { packets, maglev, programming, traffic };
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join() },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const { quick } = options;
const rounds = Number(options.rounds ?? (quick ? 5 : 20));
if (!(Number.isInteger(rounds) && rounds > 0)) {
  console.error(`bench lb: --rounds must be a number above 0, not ${options.rounds}`);
  process.exit(2);
}
const reason = whyNot();
if (reason) {
  console.error(`bench lb: ${reason}`);
  process.exit(1);
}

const figures = {};
const goals = new Goals();
const load = () => `load ${loadavg()[0].toFixed(1)}`;
for (const name of options.only.split(',')) {
  if (PARTS[name] === undefined) {
    console.error(`bench lb: there is no part called ${name}; there are ${Object.keys(PARTS).join(', ')}`);
    process.exit(2);
  }
  const from = performance.now();
  await PARTS[name]();
  console.log(`(${name} took ${short((performance.now() - from) / 1000)} s)`);
}
const before = recorded('lb');
console.log('\nAll figures');
printTable([
  ['', 'now', 'recorded'],
  ...Object.entries(figures).map(([name, value]) => [name, short(value), short(before[name] ?? Number.NaN)]),
]);
goals.print();
if (options.record)
  recordFigures(
    'lb',
    { cpu: cpus()[0].model, kernel: release(), compiler: clangName(), node: process.version },
    {
      ...before,
      ...figures,
    },
  );

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
        if (theirs === undefined) continue;
        figures[`${at}, ${flow} flow, ${count} services: ours / C`] = ours / theirs;
        goals.atMost(`${at}, ${flow} flow, ${count} services: ours / C`, ours / theirs, 1.1);
      }
    rows.push(row);
  }
  printTable(rows);
  for (const at of ['tc', 'xdp'])
    for (const flow of ['known', 'new']) {
      const all = found.map(({ times }) => times[`${at}_${flow}_ours`]);
      goals.atMost(`${at}, ${flow} flow: the slowest count / the fastest`, Math.max(...all) / Math.min(...all), 1.1);
    }
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
      goals.atMost(`moved flows, ${count} backends, ${one} slots each`, 100 * mean, one < 600 ? 2 : 1, ' %');
      return `${(100 * mean).toFixed(2)} % (${(100 * most).toFixed(2)})`;
    });
    rows.push([String(count), ...row]);
  }
  printTable(rows);
}

/** Services with five endpoints each, until the kernel has them. */
function programming() {
  console.log('\nprogramming Services with 5 endpoints each: seconds on the clock, and of CPU');
  const rows = [
    [
      'services',
      'ours',
      'CPU',
      'iptables-restore',
      'CPU',
      'nft -f',
      'CPU',
      'one change',
      '99 %',
      'CPU',
      '99 %',
      'load',
    ],
  ];
  for (const count of quick ? [1000] : [1000, 10_000]) {
    const runs = Array.from({ length: quick ? 3 : 5 }, () => programmed(count));
    const best = runs.reduce((a, b) => (b.wallMs < a.wallMs ? b : a));
    const cpuMs = Math.min(...runs.map((run) => run.cpuMs));
    const rules = ['iptables', 'nft'].map((kind) => programmedByRules(count, kind));
    const seconds = (ms) => (ms === undefined ? '–' : short(ms / 1000));
    const [events, eventsCpu] = ['events', 'eventsCpu'].map((name) => runs.flatMap((run) => run[name]));
    const milliseconds = (all) => [`${short(median(all))} ms`, `${short(percentile(all, 0.99))} ms`];
    rows.push([
      ...[String(count), seconds(best.wallMs), seconds(cpuMs)],
      ...rules.flatMap((one) => [seconds(one?.wallMs), seconds(one?.cpuMs)]),
      ...[...milliseconds(events), ...milliseconds(eventsCpu), loadavg()[0].toFixed(1)],
    ]);
    figures[`${count} services programmed: s`] = best.wallMs / 1000;
    figures[`${count} services programmed: s of CPU`] = cpuMs / 1000;
    figures[`${count} services programmed: iptables-restore / ours, CPU`] = (rules[0]?.cpuMs ?? Number.NaN) / cpuMs;
    figures[`${count} services programmed: nft / ours, CPU`] = (rules[1]?.cpuMs ?? Number.NaN) / cpuMs;
    figures[`one EndpointSlice of ${count} changed: ms`] = median(events);
    figures[`one EndpointSlice of ${count} changed, 99 %: ms`] = percentile(events, 0.99);
    figures[`one EndpointSlice of ${count} changed, 99 %: ms of CPU`] = percentile(eventsCpu, 0.99);
    if (count === 10_000) goals.atMost(`${count} services programmed, the fastest`, best.wallMs / 1000, 1, ' s');
    goals.atMost(`one EndpointSlice of ${count} changed, 99 %`, percentile(events, 0.99), 2, ' ms');
    goals.atMost(`one EndpointSlice of ${count} changed, 99 %, of CPU`, percentile(eventsCpu, 0.99), 2, ' ms');
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
  const found = await measureRounds(network, rounds);
  const ways = Object.keys(found);
  console.log(
    `\n${count} services (${load()}), ${rounds} rounds: a connect at the tenth percentile, and by how much it is over a direct one of the same round; the best of connections a second and of uploads`,
  );
  printTable([
    ['', 'µs', 'over direct', 'connections/s', 'MB/s'],
    ...ways.map((way) => {
      // what else the machine does takes away from the best ones, and never adds
      const [rate, upload] = [Math.max(...found[way].rates), Math.max(...found[way].uploads) / 1e6];
      const over = median(found[way].over);
      figures[`${way}, ${count} services: connections/s`] = rate;
      figures[`${way}, ${count} services: MB/s`] = upload;
      if (way !== 'direct') figures[`${way}, ${count} services: µs over direct`] = over;
      const first = short(Math.min(...found[way].p10));
      return [way, first, way === 'direct' ? '' : short(over), short(rate), short(upload)];
    }),
  ]);
  const rows = [['ours beside theirs: times as fast', 'connect', 'connections/s', 'MB/s']];
  for (const ours of ['snat', 'dsr-ipip'])
    for (const theirs of ['iptables', 'nftables'].filter((way) => ways.includes(way))) {
      const { connect, rate, upload } = ratios(found[ours], found[theirs]);
      rows.push([`${ours} beside ${theirs}`, ...[connect, rate, upload].map((one) => one.toFixed(2))]);
      figures[`${theirs} / ${ours}, ${count} services: µs over direct`] = connect;
      figures[`${ours} / ${theirs}, ${count} services: connections/s`] = rate;
      figures[`${ours} / ${theirs}, ${count} services: MB/s`] = upload;
      goals.above(`${theirs} / ${ours}, ${count} services: µs over direct`, connect, 1);
    }
  printTable(rows);
}
