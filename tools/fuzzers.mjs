// npm run fuzz -- NAME [FLAGS]: runs a program that looks for failures at random.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAMS = {
  bpf: 'fuzz-bpf.mjs',
  dataplane: 'fuzz/dataplane.mjs',
  gateway: 'fuzz/gateway.mjs',
  server: 'fuzz.mjs',
  tests: 'fuzz/tests.mjs',
};
const [name, ...flags] = process.argv.slice(2).filter((argument) => argument !== '--');
const program = PROGRAMS[name];
if (program === undefined) {
  console.error(`fuzz: name one of ${Object.keys(PROGRAMS).join(', ')}`);
  process.exit(2);
}
const file = fileURLToPath(new URL(program, import.meta.url));
process.exit(spawnSync(process.execPath, [file, ...flags], { stdio: 'inherit' }).status ?? 1);
