// Admission plugins that are off by default, or configured by a file, against what the real kube-apiserver answered with them (recorded/).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { recordedOf, scenariosOf } from '../golden/corpus.mjs';
import { Connection } from '../golden/http.mjs';
import { compare, run } from '../golden/replay.mjs';
import { startNekube } from '../servers.mjs';
import { flags } from './flags.mjs';

const CORPUS = fileURLToPath(new URL('.', import.meta.url));

for (const [group, args] of Object.entries(flags))
  describe(`admission plugins, ${group}`, { concurrency: 4 }, () => {
    let server;
    let connection;
    before(async () => {
      server = await startNekube({ args });
      connection = new Connection(server);
    });
    after(async () => {
      connection?.close();
      await server?.stop();
    });
    const recorded = recordedOf(CORPUS, 'http', group);
    for (const scenario of scenariosOf(CORPUS, 'http', group))
      test(`${scenario.name}: ${scenario.why}`, async () => {
        const answers = await run(connection, scenario);
        const failed = compare(scenario, answers, recorded[scenario.name]).filter((one) => one.differences.length > 0);
        const lines = failed.flatMap(({ step, label, differences }) => [`[${step}] ${label}`, ...differences]);
        assert.equal(lines.join('\n'), '');
      });
  });
