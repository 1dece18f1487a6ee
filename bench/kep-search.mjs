// Searches in the texts of KEPs that were synced to a cluster, at the console's server: one that is asked as the console starts, whose
// answer has titles and what was read of the texts by then, and when it has all; the first one that is asked some seconds later; those that
// follow; and the first one after a Kep and its text have changed.
//
//   npm run bench -- kep-search --from DIR [--rounds N]
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { KEP_KIND, KEP_TEXT_KIND } from 'nekube/kep';
import { signIn } from '../suites/console/browser.mjs';
import { QUERIES, searchMs, syncCheckout } from './keps.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { from: { type: 'string' }, rounds: { type: 'string', default: '10' } },
});
if (options.from === undefined) {
  console.error('bench: --from must name a checkout of kubernetes/enhancements');
  process.exit(2);
}
const rounds = Number(options.rounds);
const LATER_MS = 8_000;

const env = await start();
let now = Date.now();
const consoleNow = () =>
  startConsole({ transport: env.client.transport, listen: { host: '127.0.0.1', port: 0 }, now: () => now });
let running;
try {
  const keps = await syncCheckout(env.client, options.from);
  running = await consoleNow();
  const starting = await signIn(running.link());
  const begin = performance.now();
  const first = await searchMs(starting, QUERIES[0]);
  while ((await starting.fetch('/console/kep/search?q=pod')).json().waiting) await sleep(50);
  const whole = performance.now() - begin;
  await running.close();
  running = await consoleNow();
  const browser = await signIn(running.link());
  await sleep(LATER_MS);
  const later = await searchMs(browser, QUERIES[0]);
  const warm = [];
  const changed = [];
  for (let round = 0; round < rounds; round++) {
    for (const query of QUERIES) warm.push(await searchMs(browser, query));
    await change(keps[round * 7].name, round);
    now += 11_000;
    changed.push(await searchMs(browser, QUERIES[round % QUERIES.length]));
    await found(browser, `marmot${round}`);
  }
  printTable([
    [`searches in the texts of ${keps.length} KEPs`, 'median', '95th', 'most', 'goal'],
    ['one as the console starts, with what was read by then', shown([first])[0], '', '', ''],
    ['until all texts are in the index', shown([whole])[0], '', '', ''],
    [`the first, ${LATER_MS / 1000} s after the start`, shown([later])[0], '', '', 'below 50 ms'],
    ['those that follow', ...shown(warm), 'below 50 ms'],
    ['the first after a Kep has changed', ...shown(changed), 'below 50 ms'],
  ]);
} finally {
  await running?.close();
  await env.stop();
}

async function change(name, round) {
  const text = await env.client.get(KEP_TEXT_KIND, { name });
  await env.client.update({ ...text, spec: { ...text.spec, text: `${text.spec.text}\n\nmarmot${round}\n` } });
  const kep = await env.client.get(KEP_KIND, { name });
  await env.client.update({ ...kep, spec: { ...kep.spec, title: `${kep.spec.title} ${round}` } });
}

/** What changed is found in the end. */
async function found(browser, word) {
  for (let tries = 0; tries < 100; tries++) {
    const { hits } = (await browser.fetch(`/console/kep/search?q=${word}`)).json();
    if (hits[0]?.excerpt?.text.includes(word)) return;
    now += 11_000;
    await sleep(20);
  }
  throw new Error(`${word} is not found`);
}

function shown(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return [median(sorted), sorted[Math.floor(sorted.length * 0.95)], sorted.at(-1)].map((time) => `${short(time)} ms`);
}
