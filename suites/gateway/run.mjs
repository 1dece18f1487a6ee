// npm run suites -- gateway [TEST…] [--data-plane envoy|embedded] [--record] [--verbose] [--log FILE] [--profile DIR]
//
// The official conformance suite of Gateway API, compiled from its newest release, against `nekube gateway` on a cluster of
// process nodes, each pod in a network namespace of its own. All of it runs in network and mount namespaces of its own.
//
// Without TEST the whole suite runs, in parts beside each other, each on a cluster of its own, since tests mostly wait; then what
// fails must be what known-failures-DATA-PLANE.txt lists, no more and no less.
// --profile has the server and the gateway write profiles of their CPU into a folder.
// --record writes the report to docs/conformance, and the list of what failed; all is one part then, so that the report is the
// suite's own.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realEnvoy } from '../../tools/envoy.mjs';
import { conformancePrograms } from './programs.mjs';
import { named, record, summary, surprises } from './results.mjs';

const inside = fileURLToPath(new URL('inside.mjs', import.meta.url));

const { values, positionals: tests } = parseArgs({
  allowPositionals: true,
  options: {
    'data-plane': { type: 'string', default: 'envoy' },
    channel: { type: 'string', default: 'experimental' },
    record: { type: 'boolean' },
    verbose: { type: 'boolean' },
    log: { type: 'string' },
    profile: { type: 'string' },
    patience: { type: 'string' },
  },
});

const began = performance.now();
const programs = conformancePrograms();
const plane = values['data-plane'];
const { envoy, skip } = plane === 'envoy' ? realEnvoy() : {};
const why = programs.skip ?? skip;
if (why !== undefined) console.log(`skipped: ${why}`);
else process.exitCode = await runAll(partsOf());

/** What runs on a cluster of its own: a name, and the flags by which the suite is told of its tests. */
function partsOf() {
  if (tests.length > 0) return [{ flags: [`-test.run=^TestConformance$/^(${tests.join('|')})$`] }];
  if (values.record) return [{ flags: [] }];
  // about the same time each
  const some = '^TestConformance$/^(HTTPRoute|TCPRoute)';
  return [
    { name: 'http', flags: [`-test.run=${some}`] },
    { name: 'rest', flags: [`-test.skip=${some}`] },
  ];
}

async function runAll(parts) {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-conformance-'));
  const running = parts.map((part, i) => start(part, join(dir, String(i))));
  let ending;
  // with the process that has the namespaces all ends that is in them
  const end = (signal) => {
    ending = signal;
    for (const { child } of running) child.kill('SIGKILL');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
  try {
    const outcomes = await Promise.all(running.map(({ ended }) => ended));
    if (ending !== undefined) return ending === 'SIGINT' ? 130 : 143;
    return verdict(outcomes);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Starts a part, with a folder for all that it writes. */
function start(part, dir) {
  mkdirSync(dir, { mode: 0o700 });
  const root = process.getuid?.() === 0;
  const unshare = ['unshare', ...(root ? [] : ['--user', '--map-root-user']), '--net', '--mount', '--fork', '--pid'];
  const [program, ...args] = [
    ...unshare,
    '--mount-proc',
    '--kill-child',
    process.execPath,
    inside,
    ...process.argv.slice(2),
  ];
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: dir, CONFORMANCE: JSON.stringify({ ...programs, envoy, part }) },
  });
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      const read = (name) => (existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8') : undefined);
      resolve({ part, code, states: JSON.parse(read('states.json') ?? '[]'), report: read('report.yaml') });
    });
  });
  return { child, ended };
}

/** The exit code of all parts together. */
function verdict(outcomes) {
  const states = new Map(outcomes.flatMap((outcome) => outcome.states));
  const failed = named(states, 'FAIL').length;
  const broken = outcomes.filter(({ code }) => code !== 0);
  for (const { part, code } of broken) console.log(`${part.name ?? 'the run'} ended with ${code}`);
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${summary(states)}`);
  if (broken.length > 0 || named(states, 'PASS').length === 0) return 1;
  if (tests.length > 0) return failed === 0 ? 0 : 1;
  if (values.record) record(plane, states, outcomes[0].report);
  const unexpected = surprises(plane, states);
  for (const line of unexpected) console.log(line);
  return unexpected.length === 0 ? 0 : 1;
}
