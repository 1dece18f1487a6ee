// npm run fuzz -- bpf [--count 50000] [--seed 1] [--failures 3]: random eBPF programs in the kernel and in the interpreter.
//
// Each seed is a program that the verifier takes, run on two packets; results, packets and maps must be the same. What differs is
// printed with the program's listing. Needs root, or CAP_BPF and CAP_NET_ADMIN.
import { parseArgs } from 'node:util';
import { build } from './build.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '50000' },
    seed: { type: 'string', default: '1' },
    failures: { type: 'string', default: '3' },
  },
});
const [first, count, most] = [values.seed, values.count, values.failures].map(Number);
await build();
const { whyNoKernel } = await import('../dist/bpf/testing/rights.js');
const reason = whyNoKernel();
if (reason !== undefined) {
  console.error(`fuzz bpf: ${reason}`);
  process.exit(1);
}
const { Differential } = await import('../dist/bpf/testing/differential.js');
const differential = new Differential();
let failures = 0;
for (let seed = first; seed < first + count && failures < most; seed++) {
  let difference;
  try {
    difference = differential.run(seed);
  } catch (error) {
    difference = `seed ${seed}: ${error.stack}`;
  }
  if (difference !== undefined) {
    failures++;
    console.error(difference);
  }
  if ((seed - first + 1) % 5000 === 0) console.error(`fuzz bpf: ${seed - first + 1} programs`);
}
differential.close();
console.log(failures === 0 ? `${count} programs from seed ${first}, no difference` : `${failures} programs differ`);
process.exitCode = failures === 0 ? 0 : 1;
