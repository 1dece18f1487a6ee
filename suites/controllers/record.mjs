// Records what the real kube-controller-manager makes of scenarios:
//   node suites/controllers/record.mjs [FILE…] [--only TEXT]
// Each is played twice; what differs from one time to the other cannot be expected, and is not recorded.
import { parseArgs } from 'node:util';
import assert from 'node:assert/strict';
import { readRecorded, readScenarios, scenarioFiles, writeRecorded } from './files.mjs';
import { play } from './player.mjs';
import { startReal } from './clusters.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const chosen = positionals.length === 0 ? scenarioFiles() : positionals.map((name) => name.replace(/\.yaml$/, ''));
for (const name of chosen) await record(name);

async function record(name) {
  const { controllers, settings, kinds, scenarios } = readScenarios(name);
  const known = readRecorded(name);
  const world = await startReal(controllers, settings);
  const twice = async (scenario, index) => {
    if (values.only && !scenario.name.includes(values.only)) return [scenario.name, known[scenario.name]];
    const options = (time) => ({ scenario, kinds, namespace: `scenario-${index}-${time}` });
    const [first, second] = await Promise.all([play(world, options('a')), play(world, options('b'))]);
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
    const recorded = await Promise.all(scenarios.map(twice));
    writeRecorded(name, Object.fromEntries(recorded.filter((one) => one?.[1] !== undefined)));
  } finally {
    await world.stop();
  }
}
