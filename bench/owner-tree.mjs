// The owner tree of an object on a cluster with hundreds of kinds, the console's way (one request of the page, for which the
// console's server reads every kind) beside that of ahmetb/kubectl-tree (a list a kind, of whole objects, all at once), by turns
// against the same server.
//
//   npm run bench -- owner-tree [--kinds 300] [--objects 5] [--owned 30] [--rounds 15]
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from 'nekube/client';
import { signIn } from '../suites/console/browser.mjs';
import { launchBrowser, noBrowser } from '../suites/console/chromium.mjs';
import { definition } from '../suites/console/cluster.mjs';
import { startConsoleServer } from './console-server.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    kinds: { type: 'string', default: '300' },
    objects: { type: 'string', default: '5' },
    owned: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '15' },
  },
});
const { kinds, objects, owned, rounds } = Object.fromEntries(
  Object.entries(options).map(([name, text]) => [name, Number(text)]),
);
const DEPLOYMENT = '/r/apps/v1/deployments/ns/shop/web';

const folder = mkdtempSync(join(tmpdir(), 'nekube-bench-owner-tree-'));
const server = await startConsoleServer(folder);
const client = await connect({ kubeconfig: join(folder, 'kubeconfig'), env: {} });
try {
  await fill();
  const paths = await listedPaths();
  const signedIn = await signIn(server.link);
  const times = await byTurns({
    'a list a kind, of whole objects (kubectl-tree)': () => Promise.all(paths.map(listWhole)),
    'one request of the page': () => signedIn.fetch('/console/owned', { method: 'POST', body: { paths } }),
  });
  if (!noBrowser) times['in Chromium, from the click to the last line'] = await inChromium(signedIn);
  console.log(
    `${paths.length} kinds, ${kinds} of them with ${objects} objects each in the namespace; ${rounds} rounds`,
  );
  printTable([
    ['', 'median', 'longest', "server's CPU"],
    ...Object.entries(times).map(([name, { clock, cpu }]) => [
      name,
      `${short(median(clock))} ms`,
      `${short(Math.max(...clock))} ms`,
      `${short(cpu.reduce((sum, ms) => sum + ms, 0) / rounds)} ms`,
    ]),
  ]);
} finally {
  await client.close();
  server.process.kill();
  rmSync(folder, { recursive: true });
}

/** A Deployment that owns an object of some kinds each, among objects that nobody owns. */
async function fill() {
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop' } };
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const { metadata } = await client.create({ ...web, spec: { selector: { matchLabels: labels }, template } });
  const ownerReferences = [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: metadata.uid }];
  const spec = {
    text: 'what an object says of itself',
    list: Array.from({ length: 20 }, (_, i) => ({ name: `n${i}`, value: `${i}` })),
  };
  for (let i = 0; i < kinds; i++) await client.create(definition(`things${i}`, `Thing${i}`));
  for (let i = 0; i < kinds; i++) {
    const path = `/apis/e.test/v1/namespaces/shop/things${i}`;
    for (let n = 0; n < objects; n++) {
      const named = { name: `thing-${n}`, namespace: 'shop', ...(n === 0 && i < owned && { ownerReferences }) };
      await posted(path, { apiVersion: 'e.test/v1', kind: `Thing${i}`, metadata: named, spec });
    }
  }
}

/** Of a kind that is new: it is served a little later. */
async function posted(path, object, tries = 50) {
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  try {
    await client.raw({ method: 'POST', path, headers, body: JSON.stringify(object) });
  } catch (error) {
    if (tries === 0 || error.status?.code !== 404) throw error;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await posted(path, object, tries - 1);
  }
}

/** The paths of the namespaced kinds that can be listed, as discovery has them. */
async function listedPaths() {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const found = [];
  for (const [root, prefix] of [
    ['/api', ''],
    ['/apis', '/apis'],
  ]) {
    const { items } = await client.raw({ method: 'GET', path: root, headers: { accept } });
    for (const { metadata, versions } of items) {
      const { version, resources } = versions[0];
      const api = prefix === '' ? `/api/${version}` : `/apis/${metadata.name}/${version}`;
      for (const { resource, scope, verbs } of resources)
        if (scope === 'Namespaced' && verbs.includes('list')) found.push(`${api}/namespaces/shop/${resource}`);
    }
  }
  return found;
}

function listWhole(path) {
  return client.raw({ method: 'GET', path: `${path}?limit=250`, headers: { accept: 'application/json' } });
}

/** Each way once a round, so that what else the machine does is the same for all. */
async function byTurns(ways) {
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, { clock: [], cpu: [] }]));
  for (let round = -2; round < rounds; round++)
    for (const [name, act] of Object.entries(ways)) {
      const [began, used] = [performance.now(), cpuMs()];
      await act();
      // the first rounds are for the compiler
      if (round < 0) continue;
      times[name].clock.push(performance.now() - began);
      times[name].cpu.push(cpuMs() - used);
    }
  return times;
}

/** What the server's process has used of the processor. */
function cpuMs() {
  const fields = readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** From the click that opens the tree until its last line is there. */
async function inChromium(signedIn) {
  const { url } = (await signedIn.fetch('/console/link', { method: 'POST' })).json();
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(url);
  await page.waitForURL(`${signedIn.origin}/`);
  const [clock, cpu] = [[], []];
  for (let round = -2; round < rounds; round++) {
    await page.goto(`${signedIn.origin}${DEPLOYMENT}?tab=conditions`);
    await page.locator('#tab-tree').waitFor();
    await page.waitForLoadState('networkidle');
    const used = cpuMs();
    const took = await page.evaluate(openTree, owned);
    if (round < 0) continue;
    clock.push(took);
    cpu.push(cpuMs() - used);
  }
  await browser.close();
  return { clock, cpu };
}

/** Runs in the page. */
async function openTree(most) {
  const began = performance.now();
  document.querySelector('#tab-tree').click();
  while (document.querySelectorAll('[role=treeitem]').length <= most)
    await new Promise((resolve) => requestAnimationFrame(resolve));
  return performance.now() - began;
}
