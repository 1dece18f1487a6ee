// The KEPs of a checkout, listed, followed through their history, searched, and brought to a server: time on the clock and of the CPU.
// Beside the history what git takes for the log alone. The repository's own kepctl asks the network for the list of SIGs first.
//
//   npm run bench -- kep --from DIR [--rounds N]
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { folderTree, KepIndex, readCheckout } from 'nekube/kep';
import { startNekube } from '../suites/servers.mjs';
import { endedCpuMs } from './processes.mjs';
import { QUERIES } from './keps.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { from: { type: 'string' }, rounds: { type: 'string', default: '3' } },
});
if (options.from === undefined) {
  console.error('bench: --from must name a checkout of kubernetes/enhancements');
  process.exit(2);
}
const rounds = Number(options.rounds);
const nekube = fileURLToPath(new URL('../dist/bin/nekube.js', import.meta.url));
const own = (...words) => [process.execPath, nekube, 'kep', ...words, '--from', options.from];

const runs = {
  'list, as JSON': own('list', '-o', 'json'),
  'what changed, all of it': own('history', '-o', 'json'),
  'search, with the index that is kept': own('search', 'user', 'namespaces', '-o', 'json'),
};
runs['git log of the same files'] = [
  'git',
  '-C',
  options.from,
  'log',
  '--first-parent',
  '-m',
  '--raw',
  '-M',
  '--',
  'keps',
];

const cache = join(tmpdir(), `nekube-bench-kep-cache-${process.pid}`);
process.env.XDG_CACHE_HOME = cache;
const site = join(tmpdir(), `nekube-bench-kep-${process.pid}`);
rmSync(cache, { recursive: true, force: true });
await run(runs['search, with the index that is kept']);
const times = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
// in turns, so that what else the machine does is everybody's
for (let round = 0; round < rounds; round++)
  for (const [name, command] of Object.entries(runs)) times[name].push(await run(command));
const making = [];
for (let round = 0; round < rounds; round++) {
  rmSync(cache, { recursive: true, force: true });
  making.push(await run(own('search', 'user', 'namespaces', '-o', 'json')));
}
const rows = Object.entries(times).map(([name, own]) => row(name, own));
rows.push(row('search, with the making of the index', making));
rows.push(row('a static site', [await run(own('site', '--to', site))]));
const server = await startNekube();
try {
  const words = [...own('sync'), '--kubeconfig', server.kubeconfig];
  rows.push(row('sync to an empty server, with histories and texts', [await run(words)]));
  const again = [];
  for (let round = 0; round < rounds; round++) again.push(await run(words));
  rows.push(row('sync again', again));
} finally {
  await server.stop();
  rmSync(site, { recursive: true, force: true });
  rmSync(cache, { recursive: true, force: true });
}
printTable([
  ['', 'clock', 'CPU'],
  ...rows.map(({ name, clock, cpu }) => [name, `${short(clock)} s`, `${short(cpu)} s`]),
]);
const [history, log] = ['what changed, all of it', 'git log of the same files'].map((name) =>
  rows.find((one) => one.name === name),
);
const [sync] = rows.filter(({ name }) => name.startsWith('sync to an empty'));
console.log(`\nfirst sync, with histories and texts: ${short(sync.clock)} s on the clock (goal: below 20)`);
console.log(
  `history / git log: ${short(history.clock / log.clock)} on the clock, ${short(history.cpu / log.cpu)} of the CPU`,
);
await searches();

/** Searches in one process, with ten excerpts each, after the index was made. */
async function searches() {
  const tree = folderTree(options.from);
  const { keps } = readCheckout(tree);
  const index = await KepIndex.of(keps, ({ readme }) => (readme === undefined ? '' : tree.text(readme)));
  const taken = QUERIES.flatMap((query) =>
    Array.from({ length: 20 }, () => {
      const from = performance.now();
      index.find(query, { excerpts: 10 });
      return performance.now() - from;
    }),
  );
  const sorted = taken.sort((a, b) => a - b);
  console.log(
    `\n${taken.length} searches with ten excerpts: ${short(median(sorted))} ms in the middle, ${short(sorted[Math.floor(sorted.length * 0.95)])} ms at the 95th percentile (goal: below 50)`,
  );
}

function row(name, measured) {
  return {
    name,
    clock: median(measured.map(({ clock }) => clock)),
    cpu: median(measured.map(({ cpu }) => cpu)),
  };
}

/** Runs a command to its end; both in seconds. */
async function run([program, ...words]) {
  const before = endedCpuMs();
  const from = performance.now();
  const code = await new Promise((resolve, reject) => {
    const child = spawn(program, words, { cwd: options.from, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}`);
  return { clock: (performance.now() - from) / 1000, cpu: (endedCpuMs() - before) / 1000 };
}
