// Fuzz of the gateway on a real Envoy: random resources that a cluster admits never make the translation throw, nor Envoy refuse
// anything or die.
//
//   npm run fuzz -- gateway [--seed 1] [--rounds 100] [--round N] [--verbose]
//
// What is found is told with its seed, its round and the object. Ends with a non-zero exit code if there is anything.
import { parseArgs } from 'node:util';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../dist/files/index.js';
import { realEnvoy } from '../envoy.mjs';
import { Rounds } from './gateway/rounds.mjs';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string', default: '100' },
    round: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const { envoy, skip } = realEnvoy();
if (envoy === undefined) throw new Error(skip);
const seed = Number(options.seed);
const numbers = options.round === undefined ? [...Array(Number(options.rounds)).keys()] : [Number(options.round)];
console.log(`gateway fuzz: seed ${seed}, ${numbers.length} rounds`);

const folder = makeTemporaryFolder('nekube-gateway-fuzz');
const rounds = await Rounds.start({ envoy, folder });
const seen = new Map();
try {
  for (const number of numbers) {
    const { findings } = await rounds.run(seed, number);
    for (const { what, object } of findings) {
      const signature = what.replace(/\d+/g, 'N').slice(0, 160);
      seen.set(signature, (seen.get(signature) ?? 0) + 1);
      if (seen.get(signature) > 1) continue;
      console.log(`\nFOUND in round ${number} of seed ${seed}: ${what}`);
      if (object)
        console.log(`  ${JSON.stringify({ kind: object.kind, name: object.metadata.name, spec: object.spec })}`);
    }
  }
} finally {
  await rounds.stop();
  removeTemporaryFolder(folder);
}
const { admitted, refused, reasons } = rounds.admission;
for (const kind of admitted.keys())
  console.log(`${kind}: ${admitted.get(kind)} admitted, ${refused.get(kind) ?? 0} not`);
if (options.verbose) for (const [why, times] of reasons) console.log(`  ${times} times: ${why}`);
for (const [signature, times] of seen) console.log(`${times} times: ${signature}`);
console.log(`${seen.size} findings`);
process.exitCode = seen.size > 0 ? 1 : 0;
