// npm run suites -- NAME [ARGS…]: other people's programs and real servers. Builds, then runs suites/NAME/run.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const suites = fileURLToPath(new URL('../suites/', import.meta.url));
const names = readdirSync(suites).filter((name) => existsSync(`${suites}${name}/run.mjs`));
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`usage: npm run suites -- ${names.join('|')} [ARGS…]`);
  process.exit(2);
}
await build();
const { status } = spawnSync(process.execPath, [`${suites}${name}/run.mjs`, ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
