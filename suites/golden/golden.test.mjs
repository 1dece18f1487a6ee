// Every recorded scenario, one test each, against `nekube up` on each storage; then the kubectl transcripts.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kubernetesClients } from '../../tools/kubectl.mjs';
import { startNekube } from '../servers.mjs';
import { groupsOf, recordedOf, scenariosOf } from './corpus.mjs';
import { Connection } from './http.mjs';
import { compare, run } from './replay.mjs';

const CORPUS = fileURLToPath(new URL('.', import.meta.url));
/** Most of a scenario is waiting, so several run side by side; those marked `alone` see what the others do. */
const AT_ONCE = 4;

for (const storage of ['memory', 'lmdb']) {
  describe(`golden scenarios on ${storage}`, () => {
    const server = serverFor(storage);
    const all = casesOf('http');
    // first, since some ask for the first revision, which a server forgets after five minutes
    describe('alone', () => {
      for (const one of all.filter(({ scenario }) => scenario.alone)) test(one.title, () => checkCase(server, one));
    });
    describe('side by side', { concurrency: AT_ONCE }, () => {
      for (const one of all.filter(({ scenario }) => !scenario.alone)) test(one.title, () => checkCase(server, one));
    });
  });
}

describe('kubectl transcripts', { concurrency: AT_ONCE }, () => {
  const { kubectl, skip } = kubernetesClients();
  const server = serverFor('memory');
  for (const one of casesOf('kubectl')) test(one.title, { skip }, () => checkCase(server, one, { kubectl }));
});

/** Starts a server before the tests of the surrounding suite and stops it after them. */
function serverFor(storage) {
  const server = {};
  before(async () => {
    Object.assign(server, await startNekube({ storage }));
    server.connection = new Connection(server);
  });
  after(async () => {
    server.connection?.close();
    await server.stop?.();
  });
  return server;
}

function casesOf(kind) {
  return groupsOf(CORPUS, kind).flatMap((group) => {
    const recorded = recordedOf(CORPUS, kind, group);
    return scenariosOf(CORPUS, kind, group).map((scenario) => ({
      title: `${group}/${scenario.name}: ${scenario.why}`,
      scenario,
      recorded: recorded[scenario.name],
    }));
  });
}

async function checkCase({ connection }, { scenario, recorded }, options = {}) {
  const answers = await run(connection, scenario, options);
  const failed = compare(scenario, answers, recorded).filter(({ differences }) => differences.length > 0);
  const lines = failed.flatMap(({ step, label, differences }) => [
    `[${step}] ${label}`,
    ...differences.map((line) => `    ${line}`),
  ]);
  assert.equal(lines.join('\n'), '');
}
