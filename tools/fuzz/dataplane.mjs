// Fuzz of the embedded data plane: hostile bytes of clients and servers (HTTP/1.1, HTTP/2, TLS, PROXY, datagrams) never end it, never
// keep an honest request from its answer, and leave nothing behind.
//
//   npm run fuzz -- dataplane [--seed 1] [--rounds 100] [--round N]
//
// What is found is told with its seed and round. Ends with a non-zero exit code if there is anything.
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Rounds } from './dataplane/rounds.mjs';

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string', default: '100' },
    round: { type: 'string' },
  },
});
const seed = Number(options.seed);
const numbers = options.round === undefined ? [...Array(Number(options.rounds)).keys()] : [Number(options.round)];
console.log(`dataplane fuzz: seed ${seed}, ${numbers.length} rounds`);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
/** In MB, of what can still be reached. */
function heap() {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const rounds = await Rounds.start();
const seen = new Map();
let early;
for (const [done, number] of numbers.entries()) {
  if (done === Math.floor(numbers.length / 3)) early = heap();
  for (const finding of await rounds.run(seed, number)) {
    const signature = finding.replace(/\d+/g, 'N').slice(0, 300);
    seen.set(signature, (seen.get(signature) ?? 0) + 1);
    if (seen.get(signature) === 1) console.log(`\nFOUND in round ${number} of seed ${seed}: ${finding}`);
  }
}
const grown = heap() - early;
const { servers, clients } = rounds.reached;
console.log(`servers were asked ${servers} times, and ${clients} connections were told something`);
const left = await rounds.stop();
console.log(
  `the heap grew by ${grown.toFixed(1)} MB in the last two thirds; ${left.length} sockets are left ${left.join(' ')}`,
);
for (const [signature, times] of seen) console.log(`${times} times: ${signature}`);
console.log(`${seen.size + left.length} findings`);
process.exit(seen.size + left.length > 0 ? 1 : 0);
