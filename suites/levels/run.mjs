// npm run suites -- levels [--level fake|envtest|cluster] [--only TEXT] [--print] [--record]
//
// Plays the behaviours at one level, the default envtest, and prints what differs from the recordings. --only takes those
// with a text in their name or table, --print tells what they observe. --record writes the recordings anew, which is for
// level cluster alone: it is the real kube-apiserver.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { stopHooks } from './hooks.mjs';
import { lacks, open } from './levels.mjs';
import { observe } from './observe.mjs';
import { record, recorded } from './recorded.mjs';
import { tables } from './tables.mjs';

const AT_ONCE = 24;

const { values } = parseArgs({
  options: {
    level: { type: 'string', default: 'envtest' },
    only: { type: 'string', default: '' },
    print: { type: 'boolean' },
    record: { type: 'boolean' },
  },
});
const { level, only, print } = values;
const missing = lacks(level);
if (missing !== undefined || (values.record && level !== 'cluster')) {
  console.error(missing ?? 'only level cluster is recorded');
  process.exit(2);
}

const chosen = Object.entries(tables).flatMap(([table, behaviours]) =>
  behaviours.filter(({ name }) => `${table} ${name}`.includes(only)).map((behaviour) => ({ table, behaviour })),
);
const place = await open(level);
const found = await inParallel(chosen, async ({ table, behaviour }) => {
  try {
    return { table, name: behaviour.name, observed: await observe(place, behaviour) };
  } catch (error) {
    return { table, name: behaviour.name, error };
  }
});
await place.stop();
await stopHooks();

if (values.record) recordAll(found);
const different = found.filter((one) => tell(one));
console.log(`${found.length - different.length} behaviours as recorded, ${different.length} others`);
process.exitCode = different.length === 0 ? 0 : 1;

/** Works off a list, some at once; the results are in its order. */
async function inParallel(list, work) {
  const results = [];
  const next = list.entries();
  const worker = async () => {
    for (const [i, item] of next) results[i] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Recordings of behaviours that were not played stay; those of behaviours that are no more go. */
function recordAll(all) {
  for (const [table, behaviours] of Object.entries(tables)) {
    const fresh = Object.fromEntries(
      all.filter((one) => one.observed && one.table === table).map((one) => [one.name, one.observed]),
    );
    const kept = behaviours.map(({ name }) => [name, fresh[name] ?? recorded(table)[name]]);
    record(table, Object.fromEntries(kept.filter(([, observed]) => observed !== undefined)));
    Object.assign(recorded(table), fresh);
  }
}

/** Prints what differs; true if something does. */
function tell({ table, name, observed, error }) {
  const expected = recorded(table)[name];
  const same = error === undefined && isDeepStrictEqual(observed, expected);
  if (same && !print) return false;
  console.log(`\n${same ? 'SAME' : 'DIFFERENT'}  ${table}: ${name}`);
  if (error !== undefined) console.log(error);
  else observed.forEach((one, i) => tellOne(one, expected?.[i]));
  return !same;
}

function tellOne(one, expected) {
  if (!print && isDeepStrictEqual(one, expected)) return;
  console.log(`  ours     ${JSON.stringify(one)}`);
  if (!isDeepStrictEqual(one, expected)) console.log(`  recorded ${JSON.stringify(expected)}`);
}
