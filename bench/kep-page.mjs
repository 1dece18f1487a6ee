// The console's section of KEPs with those of a checkout: how long it takes from a letter in the filter until the list is laid out, and the
// counts beside it, in Chromium; and how long the server takes for a search of the texts, with the way there and back.
//
//   npm run bench -- kep-page --from DIR [--rounds N]
import { parseArgs } from 'node:util';
import { start } from 'nekube/envtest';
import { signIn } from '../suites/console/browser.mjs';
import { noBrowser, openConsole } from '../suites/console/chromium.mjs';
import { QUERIES, searchMs, syncCheckout } from './keps.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { from: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
if (options.from === undefined || noBrowser) {
  console.error(`bench: ${noBrowser || '--from must name a checkout of kubernetes/enhancements'}`);
  process.exit(2);
}
const rounds = Number(options.rounds);
const TYPED = ['sig:node stage:alpha', 'user namespaces', '-status:implemented is:stale', 'milestone:>=v1.36'];

const env = await start();
const opened = await openConsole(env);
try {
  const keps = await syncCheckout(env.client, options.from);
  const letters = await filterTimes();
  const searches = await searchTimes();
  printTable([
    ['', 'median', '95th', 'goal'],
    [
      `a letter in the filter of ${keps.length} rows: the list`,
      ...shown(letters.map(({ list }) => list)),
      'below 16 ms',
    ],
    ['the counts beside it', ...shown(letters.map(({ counts }) => counts)), ''],
    ['a search of their texts', ...shown(searches), 'below 50 ms'],
  ]);
} finally {
  await opened.close();
  await env.stop();
}

/** Milliseconds of each letter, from its event until the last change that it makes is laid out; 0 where it makes none. */
async function filterTimes() {
  const { page, visit } = await opened.signIn();
  await visit('/keps');
  await page.locator('.kep-grid .grid-body .grid-row').first().waitFor();
  const all = [];
  for (let round = 0; round <= rounds; round++)
    for (const text of TYPED) {
      const times = await page.evaluate(type, text);
      // the first round is for the compiler
      if (round > 0) all.push(...times);
    }
  return all;
}

/** Runs in the page. */
async function type(text) {
  const field = document.querySelector('.filter-field input');
  const places = { list: document.querySelector('.kep-grid'), counts: document.querySelector('.kep-facets') };
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
  const times = [];
  for (let length = 0; length <= text.length; length++) {
    const begin = performance.now();
    const taken = { list: 0, counts: 0 };
    const observers = Object.entries(places).map(([name, place]) => {
      const observer = new MutationObserver(() => {
        void place.offsetHeight;
        taken[name] = performance.now() - begin;
      });
      observer.observe(place, { subtree: true, childList: true, characterData: true, attributes: true });
      return observer;
    });
    set.call(field, text.slice(0, length));
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 80));
    for (const observer of observers) observer.disconnect();
    times.push(taken);
  }
  return times;
}

async function searchTimes() {
  const browser = await signIn(opened.console.link());
  await searchMs(browser, QUERIES[0]);
  const times = [];
  for (let round = 0; round < rounds; round++) for (const query of QUERIES) times.push(await searchMs(browser, query));
  return times;
}

function shown(times) {
  // a letter that changes nothing takes no time
  const sorted = times.filter((time) => time > 0).sort((a, b) => a - b);
  return [median(sorted), sorted[Math.floor(sorted.length * 0.95)]].map((time) => `${short(time)} ms`);
}
