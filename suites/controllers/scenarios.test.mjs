// Our controllers on our server do what the real ones did on theirs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readRecorded, readScenarios, scenarioFiles } from './files.mjs';
import { play } from './player.mjs';
import { startOurs } from './clusters.mjs';

for (const name of scenarioFiles()) {
  const { kinds, scenarios, ...cluster } = readScenarios(name);
  const recorded = readRecorded(name);
  describe(name, { concurrency: 4 }, () => {
    let world;
    // where nodes decide, those of other scenarios would count as well: each has a cluster for itself
    before(async () => {
      if (!cluster.alone) world = await startOurs(cluster);
    });
    after(() => world?.stop());
    for (const [index, scenario] of scenarios.entries()) {
      test(scenario.name, async (t) => {
        const expected = recorded[scenario.name];
        assert.ok(expected, 'nothing was recorded of it: node suites/controllers/record.mjs');
        const own = world ?? (await startOurs(cluster));
        if (own !== world) t.after(() => own.stop());
        const seen = await play(own, { scenario, kinds, namespace: `scenario-${index}`, expected });
        for (const [at, step] of seen.steps.entries())
          assert.deepEqual(step, expected.steps[at], `after step ${at + 1}`);
        assert.deepEqual(seen.sequence, expected.sequence);
      });
    }
  });
}
