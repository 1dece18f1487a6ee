// Our controllers on our server do what the real ones did on theirs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { readRecorded, readScenarios, scenarioFiles } from './files.mjs';
import { play } from './player.mjs';
import { startOurs } from './clusters.mjs';

for (const name of scenarioFiles()) {
  const { controllers, settings, kinds, scenarios } = readScenarios(name);
  const recorded = readRecorded(name);
  describe(name, { concurrency: 4 }, () => {
    let world;
    before(async () => {
      world = await startOurs(controllers, settings);
    });
    after(() => world.stop());
    for (const [index, scenario] of scenarios.entries()) {
      test(scenario.name, async () => {
        const expected = recorded[scenario.name];
        assert.ok(expected, 'nothing was recorded of it: node suites/controllers/record.mjs');
        const seen = await play(world, { scenario, kinds, namespace: `scenario-${index}`, expected });
        for (const [at, step] of seen.steps.entries())
          assert.deepEqual(step, expected.steps[at], `after step ${at + 1}`);
        assert.deepEqual(seen.sequence, expected.sequence);
      });
    }
  });
}
