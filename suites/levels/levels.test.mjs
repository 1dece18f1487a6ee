// The promise of the three levels: what a test sees at fake it sees at envtest and at cluster. Each behaviour is played at
// each level, and what it observed must be what the real kube-apiserver answered when it was recorded.
//
// NEKUBE_TEST_LEVEL=fake|envtest|cluster runs one level alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { stopHooks } from './hooks.mjs';
import { levelsOf, lacks, open } from './levels.mjs';
import { observe } from './observe.mjs';
import { recorded } from './recorded.mjs';
import { tables } from './tables.mjs';

/** The real server is slow to begin, so there several behaviours are played at once. */
const AT_ONCE = { fake: 1, envtest: 1, cluster: 24 };

for (const level of levelsOf(process.env.NEKUBE_TEST_LEVEL))
  describe(`at level ${level}`, { skip: lacks(level), concurrency: AT_ONCE[level] }, () => {
    let place;
    before(async () => {
      place = await open(level);
    });
    after(async () => {
      await place?.stop();
      await stopHooks();
    });
    for (const [table, behaviours] of Object.entries(tables))
      for (const behaviour of behaviours)
        test(behaviour.name, async () => {
          assert.deepEqual(await observe(place, behaviour), recorded(table)[behaviour.name]);
        });
  });
