// Differential fuzz: the same random requests to a real kube-apiserver and to nekube; answers and final states must be
// equal but for what varies from run to run.
//
//   node tools/fuzz.mjs [--seed 1] [--count 2000] [--steps 12] [--jobs 4] [--max-differences 20] [--out FILE]
//   --kinds ConfigMap,Secret                only stories about these kinds
//   --custom                                stories about custom resources with rules in CEL
//   --story 17                              only this story
//   --nekube URL --oracle URL [--token T]   compares running servers instead of starting them
//
// A story is a dozen requests in a namespace of its own. A difference is reported with its seed and with the fewest
// steps that still show it, in the form of suites/golden/scenarios, so that it can become a golden (`--out` collects
// them). What the real server itself answers in several ways (it goes through maps) is no difference, nor is what
// fuzz/explained.mjs explains. Ends with the line `N requests, N differences` and a non-zero exit code if there are any.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Connection } from '../suites/golden/http.mjs';
import { compare, run } from '../suites/golden/replay.mjs';
import { startNekube } from '../suites/servers.mjs';
import { explain } from './fuzz/explained.mjs';
import { makeCustomStory } from './fuzz/custom.mjs';
import { makeStory } from './fuzz/stories.mjs';
import { startOracle } from './oracle.mjs';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '2000' },
    steps: { type: 'string', default: '12' },
    jobs: { type: 'string', default: '4' },
    'max-differences': { type: 'string', default: '20' },
    kinds: { type: 'string' },
    custom: { type: 'boolean', default: false },
    story: { type: 'string' },
    out: { type: 'string' },
    nekube: { type: 'string' },
    oracle: { type: 'string' },
    token: { type: 'string', default: 'admintoken' },
  },
});
const [seed, count, steps, jobs, most] = ['seed', 'count', 'steps', 'jobs', 'max-differences'].map((key) =>
  Number(options[key]),
);

/** The story of a number. */
function storyOf(number) {
  if (options.custom) return makeCustomStory(seed, number, steps);
  return makeStory(seed, number, steps, options.kinds?.split(','));
}

/** How often the real server may answer anew, before what it says counts as all that it says. */
const ORACLE_RUNS = 4;
/** How many times a story may be run again to find fewer steps. */
const MAX_REDUCTIONS = 40;

/** The two servers; `stop` ends what was started here. */
async function open() {
  const oracle = options.oracle ? { url: options.oracle, token: options.token } : await startOracle();
  const nekube = options.nekube
    ? { url: options.nekube, token: options.token }
    : await startNekube({ storage: 'memory' });
  const servers = { oracle: new Connection(oracle), nekube: new Connection(nekube) };
  const stop = async () => {
    Object.values(servers).forEach((connection) => connection.close());
    await Promise.all([oracle.stop?.(), nekube.stop?.()]);
  };
  return { ...servers, stop };
}

/** The first step at which the answers differ, with the differences; undefined when the servers agree. */
async function firstDifference({ oracle, nekube }, story) {
  const [want, got] = await Promise.all([run(oracle, story), run(nekube, story)]);
  const first = compare(story, got, want).find(({ differences }) => differences.length > 0);
  return first;
}

/** Like {@link firstDifference}, but only if the real server never gives nekube's answer. */
async function steadyDifference(servers, story) {
  let difference;
  for (let i = 0; i < ORACLE_RUNS; i++) {
    const found = await firstDifference(servers, story);
    if (found === undefined || (difference && found.step > difference.step)) return undefined;
    if (!difference || found.step < difference.step) difference = found;
  }
  return difference;
}

/** The fewest steps found that end in a difference: steps before it are left out one by one, the latest first. */
async function reduce(servers, story, { step }) {
  let shortest = { ...story, steps: story.steps.slice(0, step + 1) };
  let difference;
  let runs = 0;
  for (let i = step - 1; i >= 0 && runs < MAX_REDUCTIONS; i--, runs++) {
    // what waits for the server stays: without it the servers differ in how quick they are
    if (shortest.steps[i].silent) continue;
    const candidate = { ...shortest, steps: shortest.steps.filter((_, at) => at !== i) };
    const found = await firstDifference(servers, candidate);
    if (found === undefined) continue;
    shortest = { ...candidate, steps: candidate.steps.slice(0, found.step + 1) };
    difference = found;
    i = Math.min(i, shortest.steps.length - 1);
  }
  return { story: shortest, difference: difference ?? (await firstDifference(servers, shortest)) };
}

/** What makes two differences one: the request's form and the place, without names and values. */
function signatureOf(story, { step, differences }) {
  const { method, path, contentType = '' } = story.steps[step];
  const place = differences[0].replace(/: want [^]*/, '').replace(/\d+/g, 'N');
  const said = /message: want "([^"]{0,60})/.exec(differences.join('\n'))?.[1] ?? '';
  return [method, path.split('/').slice(-3).join('/'), contentType, place, said.replace(/\d+/g, 'N')].join(' ');
}

function report(number, story, difference) {
  console.log(`\nDIFFERENCE seed ${seed} story ${number}: step ${difference.step} ${difference.label}`);
  difference.differences.slice(0, 8).forEach((line) => console.log(`    ${line}`));
  console.log(`    ${JSON.stringify(story.steps)}`);
}

const servers = await open();
const seen = new Map();
const explained = new Map();
const found = [];
let requests = 0;
let next = 0;
const last = Math.ceil(count / steps);

/** Runs stories until there are no more, or differences enough. */
async function work() {
  while (next < last && found.length < most) {
    const number = next++;
    const story = storyOf(number);
    requests += story.steps.length;
    if ((await firstDifference(servers, story)) === undefined) continue;
    const difference = await steadyDifference(servers, story);
    if (difference === undefined) continue;
    const why = explain(story, difference);
    if (why !== undefined) {
      explained.set(why, (explained.get(why) ?? 0) + 1);
      continue;
    }
    const signature = signatureOf(story, difference);
    seen.set(signature, (seen.get(signature) ?? 0) + 1);
    if (seen.get(signature) > 1) continue;
    const reduced = await reduce(servers, story, difference);
    found.push(reduced.story);
    report(number, reduced.story, reduced.difference ?? difference);
  }
}

try {
  if (options.story !== undefined) {
    const story = storyOf(Number(options.story));
    requests = story.steps.length;
    const difference = await steadyDifference(servers, story);
    if (difference) {
      const reduced = await reduce(servers, story, difference);
      found.push(reduced.story);
      report(Number(options.story), reduced.story, reduced.difference ?? difference);
    }
  } else await Promise.all(Array.from({ length: jobs }, work));
} finally {
  await servers.stop();
}
if (options.out) writeFileSync(options.out, `${JSON.stringify(found, null, 1)}\n`);
for (const [why, times] of explained) console.log(`${times} stories end because ${why}`);
for (const [signature, times] of seen) if (times > 1) console.log(`${times} times: ${signature}`);
console.log(
  `${requests} requests, ${[...seen.values()].reduce((a, b) => a + b, options.story ? found.length : 0)} differences`,
);
process.exitCode = found.length > 0 ? 1 : 0;
