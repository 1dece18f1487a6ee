// A round over many feeds with ten stories each, read and then asked again (304), and the same with hostile feeds among them: bodies
// without end, bombs, a byte a second, no answer, loops of redirects. Time on the clock and of the CPU, memory at its peak beyond what
// there was before, connections at most, and when the last feed that is not hostile was told.
//
// With --newsroom the feeds are objects on a server, and the newsroom's controllers poll them (weekly/rounds.mjs).
//
//   npm run bench -- weekly [--newsroom 2000] [--feeds 10000] [--hosts 2000] [--hostile 60] [--concurrency 64] [--timeout 5000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { DocumentFetcher, newFeedState, pollRound } from 'nekube/weekly';
import { printTable, short } from './table.mjs';

const { values } = parseArgs({
  options: {
    feeds: { type: 'string', default: '10000' },
    hosts: { type: 'string', default: '2000' },
    hostile: { type: 'string', default: '60' },
    concurrency: { type: 'string', default: '64' },
    timeout: { type: 'string', default: '5000' },
    newsroom: { type: 'string' },
  },
});
if (values.newsroom !== undefined) {
  const { benchNewsroom } = await import('./weekly/rounds.mjs');
  await benchNewsroom(Number(values.newsroom), Number(values.timeout));
  process.exit();
}
const [feedCount, hosts, hostileCount, concurrency, totalTimeoutMs] = Object.values({ ...values }).map(Number);
const HOSTILE = ['silent', 'trickle', 'endless', 'loop', 'bomb', 'entities'];
const HOUR_MS = 3_600_000;

const site = fork(fileURLToPath(new URL('weekly/site.mjs', import.meta.url)));
const [{ url: origin }] = await once(site, 'message');
const fetcher = new DocumentFetcher({
  contact: 'https://team.example/',
  now: Date.now,
  allowedNetworks: ['127.0.0.0/8'],
  totalTimeoutMs,
});

/** A feed at one of the hosts 127.GROUP.x.y. */
function feedAt(path, group, host) {
  const url = `${origin.replace('127.0.0.1', `127.${group}.${host >> 8}.${host & 255 || 1}`)}/${path}`;
  return { key: path, url, state: newFeedState(url) };
}

const sound = Array.from({ length: feedCount }, (_, at) => feedAt(`feed-${at}`, 1, at % hosts));
const hostile = Array.from({ length: hostileCount }, (_, at) => feedAt(`${HOSTILE[at % HOSTILE.length]}-${at}`, 2, at));

async function round(name, feeds, now) {
  const states = new Map();
  let stories = 0;
  let lastSound = 0;
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const summary = await pollRound(feeds, {
    fetch: (request) => fetcher.fetch(request),
    now,
    random: Math.random,
    concurrency,
    onResult: ({ feed, outcome, state }) => {
      states.set(feed.key, state);
      if (outcome.kind === 'read') stories += outcome.feed.items.length;
      if (feed.key.startsWith('feed-')) lastSound = performance.now() - start;
    },
  });
  const clock = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  site.send('connections');
  const [{ connections }] = await once(site, 'message');
  console.error(`${name}: ${JSON.stringify(summary)}, ${stories} stories`);
  const seconds = (ms) => `${short(ms / 1000)} s`;
  const cells = [
    seconds(clock),
    seconds(lastSound),
    seconds((user + system) / 1000),
    `${short((peak - before) / (1 << 20))} MiB`,
    `${connections}`,
  ];
  return { cells: [name, ...cells], states };
}

const withStates = (feeds, states) => feeds.map((feed) => ({ ...feed, state: states.get(feed.key) ?? feed.state }));
try {
  const read = await round(`${feedCount} feeds, read`, sound, Date.now);
  const again = await round('asked again', withStates(sound, read.states), () => Date.now() + 3 * HOUR_MS);
  const mixed = await round(`with ${hostileCount} hostile feeds`, [...hostile, ...sound], Date.now);
  const known = withStates([...hostile, ...sound], mixed.states);
  const next = await round('asked again, hostile ones known', known, () => Date.now() + 48 * HOUR_MS);
  printTable([
    ['', 'clock', 'last sound feed', 'CPU', 'memory', 'connections'],
    read.cells,
    again.cells,
    mixed.cells,
    next.cells,
  ]);
} finally {
  await fetcher.close();
  site.disconnect();
}
