// Recorded answers: starts a server, replays the scenarios of a folder, compares, stops.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { groupsOf } from '../../suites/golden/corpus.mjs';
import { Connection } from '../../suites/golden/http.mjs';
import { check } from '../../suites/golden/replay.mjs';
import { startNekube } from '../../suites/servers.mjs';

const HELP = `usage: npm run cases:golden -- DIR [options]

DIR has scenarios/GROUP.json and recorded/GROUP.json, as suites/golden has.

  --storage memory|lmdb|etcd:URL
                          what the server keeps its objects in (default memory); in etcd below a prefix of its own
  --only GROUP,…          only these groups
  --scenario NAME,…       only scenarios whose name contains one of these
  --kubectl PATH          the kubectl transcripts (DIR/kubectl) with this kubectl, instead of the HTTP scenarios
  --max-diff N            lines for each failing step (default 8)
  --verbose               passing steps too

Ends with a line "N passed, N failed", counted in steps; exit code 1 if any failed, 2 if it could not run.`;

const OPTIONS = {
  storage: { type: 'string', default: 'memory' },
  only: { type: 'string' },
  scenario: { type: 'string' },
  kubectl: { type: 'string' },
  'max-diff': { type: 'string', default: '8' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean' },
};

/** Runs the scenarios of a folder; 0 when all passed, 1 when some failed, 2 when they could not be run. */
export async function run(args) {
  const parsed = parse(args);
  if (parsed.exit !== undefined) return parsed.exit;
  const { dir, storage, options } = parsed;
  const server = await startNekube({ storage });
  const connection = new Connection(server);
  try {
    const { passed, failed } = await check(connection, { ...options, dir });
    console.log(`${passed} passed, ${failed} failed`);
    // a group or scenario that is not there has not passed
    return failed > 0 || passed === 0 ? 1 : 0;
  } finally {
    connection.close();
    await server.stop();
  }
}

function parse(args) {
  let found;
  try {
    found = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return usage(error.message);
  }
  const { values, positionals } = found;
  if (values.help) {
    console.log(HELP);
    return { exit: 0 };
  }
  if (positionals.length !== 1) return usage('exactly one folder must be given');
  if (!/^(memory|lmdb|etcd:.+)$/.test(values.storage)) return usage(`there is no storage "${values.storage}"`);
  const dir = resolve(positionals[0]);
  const kind = values.kubectl === undefined ? 'http' : 'kubectl';
  if (groupsOf(dir, kind).length === 0) return usage(`there are no scenarios in ${dir}`);
  const options = {
    only: values.only?.split(','),
    scenario: values.scenario?.split(','),
    kubectl: values.kubectl,
    maxDiff: Number(values['max-diff']),
    verbose: values.verbose,
  };
  return { dir, storage: values.storage, options };
}

function usage(message) {
  console.error(`cases:golden: ${message}\n\n${HELP}`);
  return { exit: 2 };
}
