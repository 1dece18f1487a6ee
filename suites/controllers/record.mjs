// Records what the real kube-controller-manager and kube-scheduler make of scenarios:
//   node suites/controllers/record.mjs [FILE…] [--only TEXT]
// Each is played twice; what differs from one time to the other cannot be expected, and is not recorded.
import { parseArgs } from 'node:util';
import assert from 'node:assert/strict';
import { readRecorded, readScenarios, scenarioFiles, writeRecorded } from './files.mjs';
import { clear, play } from './player.mjs';
import { startReal } from './clusters.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const chosen = positionals.length === 0 ? scenarioFiles() : positionals.map((name) => name.replace(/\.yaml$/, ''));
for (const name of chosen) await record(name);

async function record(name) {
  const { kinds, scenarios, ...cluster } = readScenarios(name);
  const known = readRecorded(name);
  const world = await startReal(cluster);
  const twice = async (scenario, index) => {
    if (values.only && !scenario.name.includes(values.only)) return [scenario.name, known[scenario.name]];
    const one = async (time) => {
      const namespace = `scenario-${index}-${time}`;
      const seen = await play(world, { scenario, kinds, namespace });
      if (cluster.alone) await clear(world);
      return seen;
    };
    const [first, second] = await each(['a', 'b'], one, cluster.alone);
    try {
      assert.deepEqual(second, first);
    } catch (error) {
      console.error(`${name}: ${scenario.name}: differs from one time to the other\n${error.message}`);
      process.exitCode = 1;
      return undefined;
    }
    console.error(`${name}: ${scenario.name}`);
    return [scenario.name, first];
  };
  try {
    const recorded = await each(scenarios, twice, cluster.alone);
    writeRecorded(name, Object.fromEntries(recorded.filter((one) => one?.[1] !== undefined)));
  } finally {
    await world.stop();
  }
}

/** For each all at the same time; or one after the other, where each needs the cluster for itself. */
async function each(items, call, isAlone) {
  if (!isAlone) return Promise.all(items.map(call));
  const results = [];
  for (const [index, item] of items.entries()) results.push(await call(item, index));
  return results;
}
