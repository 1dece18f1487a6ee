// npm run suites -- gateway [TEST…] [--data-plane envoy|embedded] [--record] [--verbose] [--log FILE] [--profile DIR]
//
// The official conformance suite of Gateway API, compiled from its newest release, against `nekube gateway` on a cluster of
// process nodes, each pod in a network namespace of its own. All of it runs in network and mount namespaces of its own.
//
// Without TEST the whole suite runs; then what fails must be what known-failures-DATA-PLANE.txt lists, no more and no less.
// --profile has the server and the gateway write profiles of their CPU into a folder.
// --record writes the report to docs/conformance, and the list of what failed.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { realEnvoy } from '../../tools/envoy.mjs';
import { conformancePrograms } from './programs.mjs';

const inside = fileURLToPath(new URL('inside.mjs', import.meta.url));

const { values } = parseArgs({
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

const programs = conformancePrograms();
const { envoy, skip } = values['data-plane'] === 'envoy' ? realEnvoy() : {};
const why = programs.skip ?? skip;
if (why !== undefined) console.log(`skipped: ${why}`);
else {
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
  const { status } = spawnSync(program, args, {
    stdio: 'inherit',
    env: { ...process.env, CONFORMANCE: JSON.stringify({ ...programs, envoy }) },
  });
  process.exitCode = status ?? 1;
}
