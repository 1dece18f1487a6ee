// Resources of Gateway API to what Envoy is told: nekube beside Envoy Gateway's translator, each in a process of its own, one
// after the other in each round. Then what a change costs, which Envoy Gateway translates everything again for.
//
// At last `nekube gateway run` with a real Envoy: its memory, and how long new endpoints take to Envoy.
//
//   npm run bench -- gateway [--routes 100,1000,10000] [--rounds N] [--changes N] [--only-nekube] [--served N]
//
// A translation is told twice: to messages, where Envoy Gateway's translator ends, and to their bytes and versions, which its cache
// makes as soon as an Envoy is connected. A ratio is the median of the ratios of rounds, more than 1 where nekube is faster; a time is
// the fastest of a process, since the first translation compiles code: that one is told beside it, as `first`. `--served 0` leaves the
// run with Envoy out.
// Building the translator of Envoy Gateway needs Go, and minutes at the first time.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ANCHOR_VERSION, anchorProgram } from './gateway/anchor.mjs';
import { resourcesFor } from './gateway/resources.mjs';
import { measureServed } from './gateway/served.mjs';
import { median, printTable, short } from './table.mjs';

const { values: options } = parseArgs({
  options: {
    routes: { type: 'string', default: '100,1000,10000' },
    rounds: { type: 'string', default: '3' },
    changes: { type: 'string', default: '50' },
    'only-nekube': { type: 'boolean', default: false },
    served: { type: 'string', default: '1000' },
  },
});
const translator = fileURLToPath(new URL('gateway/translator.mjs', import.meta.url));
const anchor = options['only-nekube'] ? { skip: 'not asked for' } : anchorProgram();
if (anchor.skip !== undefined) console.error(`bench: without Envoy Gateway: ${anchor.skip}`);
const scratch = mkdtempSync(join(tmpdir(), 'nekube-bench-'));
try {
  const rows = options.routes.split(',').map((count) => rowFor(Number(count)));
  console.log(
    `Milliseconds of a full translation, of a changed route and of changed endpoints; MiB of heap. Envoy Gateway ${ANCHOR_VERSION}.`,
  );
  printTable([
    [
      'routes',
      'messages',
      'anchor',
      'ratio',
      'bytes',
      'anchor',
      'ratio',
      'first',
      'anchor',
      'heap',
      'anchor',
      'route',
      'p95',
      'sent',
      'endpoints',
    ],
    ...rows,
  ]);
  if (options.served !== '0') await printServed(Number(options.served));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function rowFor(count) {
  const file = join(scratch, `${count}.json`);
  writeFileSync(file, JSON.stringify(resourcesFor(count)));
  // compiled code is reached after some thousand routes
  const runs = String(Math.max(4, Math.min(16, Math.ceil(16_000 / count))));
  const rounds = Array.from({ length: Number(options.rounds) }, () => ({
    ours: outputOf(process.execPath, ['--expose-gc', translator, file, runs, options.changes]),
    theirs: anchor.path === undefined ? undefined : outputOf(anchor.path, [file, runs]),
  }));
  const routeMs = rounds.flatMap((round) => round.ours.routes.ms).sort((a, b) => a - b);
  return [
    String(count),
    ...comparison(rounds, 'ms'),
    ...comparison(rounds, 'servedMs'),
    short(median(rounds.map((round) => round.ours.servedMs[0]))),
    short(median(rounds.map((round) => round.theirs?.servedMs[0] ?? Number.NaN))),
    short(median(rounds.map((round) => round.ours.heapMiB))),
    short(median(rounds.map((round) => round.theirs?.heapMiB ?? Number.NaN))),
    short(median(routeMs)),
    short(routeMs[Math.floor(routeMs.length * 0.95)]),
    String(Math.max(...rounds.flatMap((round) => round.ours.routes.sent))),
    short(median(rounds.flatMap((round) => round.ours.endpoints.ms))),
  ];
}

/** The fastest of both, and how they compare. */
function comparison(rounds, what) {
  const ours = rounds.map((round) => Math.min(...round.ours[what]));
  const theirs = rounds.map((round) => Math.min(...(round.theirs?.[what] ?? [Number.NaN])));
  return [short(median(ours)), short(median(theirs)), `${short(median(ours.map((time, i) => theirs[i] / time)))}x`];
}

async function printServed(routes) {
  const found = await measureServed({ routes, changes: Number(options.changes) });
  if (found.skip !== undefined) return console.error(`bench: without a real Envoy: ${found.skip}`);
  const { few, many, none } = found.memoryMiB;
  const times = found.endpoints.toSorted((a, b) => a - b);
  console.log(
    `\nnekube gateway run, in MiB of RAM: ${short(few)} with 10 routes, ${short(many)} with ${routes}, ${short(none)} when they are ` +
      `gone. From the write of new endpoints to Envoy: ${short(median(times))} ms, ${short(times[Math.floor(times.length * 0.95)])} ms ` +
      `at the 95th percentile, at most ${short(times.at(-1))} ms; ${short(found.cpuOfChange)} ms of CPU.`,
  );
}

function outputOf(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout);
}
