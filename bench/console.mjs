// The console in Chromium with many pods, against its budgets: first paint, scripts of the first load, a letter in the filter, memory of the
// tab, and frames while pods change.
//
//   npm run bench -- console [--pods 50000] [--updates 200] [--seconds 10]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from 'nekube/client';
import { launchBrowser, noBrowser } from '../suites/console/chromium.mjs';
import { startConsoleServer } from './console-server.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    pods: { type: 'string', default: '50000' },
    updates: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '10' },
  },
});
if (noBrowser) {
  console.error(`bench: ${noBrowser}`);
  process.exit(2);
}
const pods = Number(options.pods);
const TYPED = [
  'pod-4999',
  'app=web-7',
  'status=Running',
  'ns:default -pod-1',
  'node-12 web',
  'restarts<3 pod-31415',
  '-front web-9',
];

const folder = mkdtempSync(join(tmpdir(), 'nekube-bench-console-'));
const server = await startConsoleServer(folder);
const client = await connect({ kubeconfig: join(folder, 'kubeconfig'), env: {} });
const browser = await launchBrowser();
try {
  const began = performance.now();
  await each(pods, 64, (i) => client.create(podOf(i)));
  console.error(`bench: ${pods} pods in ${short((performance.now() - began) / 1000)} s`);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(server.link);
  const list = `${server.origin}/r/core/v1/pods`;
  await page.waitForURL(`${server.origin}/`);
  const { paintMs, scriptBytes } = await firstLoad(list);
  const loadedMs = await loadAll(page, list);
  const letters = (await filterTimes(page)).sort((a, b) => a - b);
  const memoryMiB = await memoryOf();
  const frames = await framesWhileChanging(page);
  printTable([
    ['', 'measured', 'budget'],
    ['first paint', `${short(paintMs)} ms`, 'below 1 s'],
    ['scripts of the first load, compressed', `${short(scriptBytes / 1000)} kB`, 'below 300 kB'],
    [`list of ${pods} pods, all there`, `${short(loadedMs / 1000)} s`, ''],
    ['a letter in the filter, median', `${short(median(letters))} ms`, ''],
    ['a letter in the filter, 95th', `${short(letters[Math.floor(letters.length * 0.95)])} ms`, 'below 50 ms'],
    ['memory of the tab', `${short(memoryMiB)} MiB`, 'below 400 MB'],
    [`longest frame at ${frames.rate} updates a second`, `${short(frames.longestMs)} ms`, 'below 50 ms'],
    ['frames above 50 ms', `${frames.slow} of ${frames.count}`, 'none'],
  ]);
} finally {
  await browser.close();
  await client.close();
  server.process.kill();
  rmSync(folder, { recursive: true });
}

function podOf(i) {
  const labels = { app: `web-${i % 100}`, tier: i % 3 === 0 ? 'front' : 'back' };
  const container = { name: 'main', image: 'registry.example/web:1', ports: [{ containerPort: 8080 }] };
  const spec = { containers: [container], nodeName: `node-${i % 500}` };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}`, namespace: 'default', labels }, spec };
}

/** Does something for each number below `count`, some at once. */
async function each(count, atOnce, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Of a browser that has nothing of it yet, but the session. */
async function firstLoad(list) {
  const [{ name, value }] = await browser.contexts()[0].cookies();
  const context = await browser.newContext();
  await context.addCookies([{ name, value, url: server.origin }]);
  const fresh = await context.newPage();
  await fresh.goto(list);
  await fresh.locator('.grid-row').nth(5).waitFor();
  const found = await fresh.evaluate(() => ({
    paintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    scriptBytes: performance
      .getEntriesByType('resource')
      .filter(({ name: path }) => path.endsWith('.js'))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
  }));
  await context.close();
  return found;
}

async function loadAll(page, list) {
  const begin = performance.now();
  await page.goto(list);
  await page.waitForFunction(
    (count) => Number(document.querySelector('[role=grid]')?.getAttribute('aria-rowcount')) > count,
    pods,
    { timeout: 300_000, polling: 100 },
  );
  return performance.now() - begin;
}

/** Milliseconds from a letter until the rows that it leaves are laid out; the first time is for the compiler. */
async function filterTimes(page) {
  for (const text of TYPED) await page.evaluate(type, text);
  const times = [];
  for (const text of TYPED) times.push(...(await page.evaluate(type, text)));
  await page.evaluate(type, '');
  return times;
}

/** Runs in the page. */
async function type(text) {
  const field = document.querySelector('.filter-field input');
  const place = document.querySelector('[role=grid]');
  const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value');
  // ages go on meanwhile
  const shown = () => place.getAttribute('aria-rowcount') + place.textContent.replace(/\d+[smh]/g, '');
  const times = [];
  for (let length = 0; length <= text.length; length++) {
    const before = shown();
    const begin = performance.now();
    const seen = [];
    const observer = new MutationObserver(() => {
      void place.offsetHeight;
      seen.push({ at: performance.now() - begin, rows: shown() });
    });
    observer.observe(place, { subtree: true, childList: true, characterData: true, attributes: true });
    set.call(field, text.slice(0, length));
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 150));
    observer.disconnect();
    // what changes later and shows nothing else (the address, an age) nobody waits for; nor does a letter that leaves all rows count
    const after = shown();
    if (after !== before) times.push(seen.find(({ rows }) => rows === after).at);
  }
  return times;
}

/** What the page's process has in memory for itself: its proportional set size. */
async function memoryOf() {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const sizes = processInfo
    .filter(({ type: kind }) => kind === 'renderer')
    .map(({ id }) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))[1]));
  return Math.max(...sizes) / 1024;
}

/** Frames of the page while labels of pods change, spread over all of them. */
async function framesWhileChanging(page) {
  const [rate, seconds] = [Number(options.updates), Number(options.seconds)];
  const watched = page.evaluate(async (durationMs) => {
    const gaps = [];
    const end = performance.now() + durationMs;
    for (let last = performance.now(); last < end; ) {
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      gaps.push(now - last);
      last = now;
    }
    return gaps.slice(1);
  }, seconds * 1000);
  const begin = performance.now();
  const all = rate * seconds;
  await each(all, 32, async (i) => {
    await sleep(Math.max(0, begin + (i / rate) * 1000 - performance.now()));
    const metadata = { labels: { changed: `${i}` } };
    await client.patch(
      { apiVersion: 'v1', kind: 'Pod' },
      { namespace: 'default', name: `pod-${(i * 7919) % pods}` },
      { merge: { metadata } },
    );
  });
  const took = (performance.now() - begin) / 1000;
  const gaps = await watched;
  return {
    rate: Math.round(all / took),
    longestMs: Math.max(...gaps),
    slow: gaps.filter((gap) => gap > 50).length,
    count: gaps.length,
  };
}
