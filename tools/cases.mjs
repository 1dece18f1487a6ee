// Runs data files against what was built: `node tools/cases.mjs smd FILE…` or `golden …`. Each kind of case has its own
// file in tools/cases, which exports run(args) and returns the exit code.
import { existsSync } from 'node:fs';
import { build } from './build.mjs';

const [kind = '', ...args] = process.argv.slice(2);
const runner = new URL(`./cases/${kind}.mjs`, import.meta.url);
if (!/^[a-z]+$/.test(kind) || !existsSync(runner)) {
  console.error(`usage: node tools/cases.mjs smd|golden FILE…${kind && `\nunknown kind of cases "${kind}"`}`);
  process.exit(2);
}
await build();
const { run } = await import(runner.href);
process.exitCode = await run(args);
