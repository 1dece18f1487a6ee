// npm run suites -- feeds [--corpus DIR]… [--feedparser PYTHON] [--failures] [--write DIR]
// How often feed title, item count and item titles are read as they are meant, of our own cases, or of a folder that has a checkout
// of mmcdole/gofeed or kurtmckee/feedparser; with --feedparser also by Python's feedparser, which that interpreter must have.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { feedCases } from '../../dist/weekly/feeds/testing/feed-cases.js';
import { parseFeed } from '../../dist/weekly/feeds/parse-feed.js';
import { corpusCases } from './corpora.mjs';
import { readByFeedparser } from './feedparser.mjs';
import { judge } from './judge.mjs';

const { values } = parseArgs({
  options: {
    corpus: { type: 'string', multiple: true, default: [] },
    feedparser: { type: 'string' },
    failures: { type: 'boolean', default: false },
    write: { type: 'string' },
  },
});

if (values.write !== undefined) {
  mkdirSync(values.write, { recursive: true });
  for (const { name, bytes } of feedCases()) writeFileSync(`${values.write}/${name.replace(/\W+/g, '-')}.feed`, bytes);
  console.log(`${feedCases().length} feeds written to ${values.write}`);
  process.exit();
}

const sets = values.corpus.length === 0 ? [{ name: 'own', cases: feedCases() }] : values.corpus.flatMap(corpusCases);
let failed = 0;
let passed = 0;
for (const { name, cases } of sets) {
  const ours = cases.map((one) => judge(one.expected, readByUs(one)));
  const theirs =
    values.feedparser && readByFeedparser(values.feedparser, cases).map((read, at) => judge(cases[at].expected, read));
  console.log(`${name}: ${cases.length} feeds`);
  for (const what of ['title', 'count', 'titles', 'all']) {
    const line = [counted('nekube', ours, what), theirs && counted('feedparser', theirs, what)].filter(Boolean);
    if (line[0] !== undefined) console.log(`  ${what.padEnd(7)} ${line.join('   ')}`);
  }
  ours.forEach(({ all, wrong }, at) => {
    if (all) return;
    const isTheirs = theirs ? (theirs[at].all ? ' (feedparser reads it)' : ' (nor does feedparser)') : '';
    if (values.failures) console.log(`  not as meant: ${cases[at].name}${isTheirs}\n    ${wrong}`);
  });
  if (values.failures && theirs)
    theirs.forEach(
      ({ all, wrong }, at) =>
        !all && ours[at].all && console.log(`  feedparser alone: ${cases[at].name}\n    ${wrong}`),
    );
  passed += ours.filter(({ all }) => all).length;
  failed += ours.filter(({ all }) => !all).length;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = values.corpus.length === 0 && failed > 0 ? 1 : 0;

function readByUs({ bytes, contentType, url }) {
  const feed = parseFeed(bytes, { contentType, url });
  return { title: [feed.title], items: feed.items.map(({ title }) => [title]) };
}

/** `nekube 12/13` of the cases that say something about it. */
function counted(who, verdicts, what) {
  const about = verdicts.filter((verdict) => verdict[what] !== undefined);
  return about.length === 0 ? undefined : `${who} ${about.filter((verdict) => verdict[what]).length}/${about.length}`;
}
