// Searches in the texts of KEPs that were synced to a cluster, at the console's server: the first one, which waits for the index; those
// that follow; and the first one after a Kep and its text have changed.
//
//   npm run bench -- kep-search --from DIR [--rounds N]
import { parseArgs } from 'node:util';
import { startConsole } from 'nekube/console';
import { start } from 'nekube/envtest';
import { checkoutContent, KEP_KIND, KEP_TEXT_KIND, syncKeps } from 'nekube/kep';
import { signIn } from '../suites/console/browser.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: { from: { type: 'string' }, rounds: { type: 'string', default: '10' } },
});
if (options.from === undefined) {
  console.error('bench: --from must name a checkout of kubernetes/enhancements');
  process.exit(2);
}
const rounds = Number(options.rounds);
const QUERIES = ['user namespaces', 'sidecar', 'pod scheduling', 'the', 'in place pod resize', 'windows', 'gpu device'];

const env = await start();
let now = Date.now();
const running = await startConsole({
  transport: env.client.transport,
  listen: { host: '127.0.0.1', port: 0 },
  now: () => now,
});
try {
  const { keps, findings, histories, textOf } = checkoutContent(options.from);
  const contents = keps.map((kep) => ({
    kep,
    findings: findings.get(kep.name) ?? [],
    history: histories().get(kep.name),
    text: textOf(kep),
  }));
  await syncKeps(env.client, contents, { source: 'bench', now: () => new Date() });
  const browser = await signIn(running.link());
  const search = async (query) => {
    const begin = performance.now();
    const { code, text } = await browser.fetch(`/console/kep/search?limit=200&q=${encodeURIComponent(query)}`);
    if (code !== 200) throw new Error(text);
    return performance.now() - begin;
  };
  const first = await search(QUERIES[0]);
  const warm = [];
  const changed = [];
  for (let round = 0; round < rounds; round++) {
    for (const query of QUERIES) warm.push(await search(query));
    await change(keps[round * 7].name, round);
    now += 11_000;
    changed.push(await search(QUERIES[round % QUERIES.length]));
    await found(browser, `marmot${round}`);
  }
  printTable([
    [`searches in the texts of ${keps.length} KEPs`, 'median', '95th', 'most', 'goal'],
    ['the first, which waits for the index', shown([first])[0], '', '', ''],
    ['those that follow', ...shown(warm), 'below 50 ms'],
    ['the first after a Kep has changed', ...shown(changed), 'below 50 ms'],
  ]);
} finally {
  await running.close();
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
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${word} is not found`);
}

function shown(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return [median(sorted), sorted[Math.floor(sorted.length * 0.95)], sorted.at(-1)].map((time) => `${short(time)} ms`);
}
