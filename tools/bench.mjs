// npm run bench -- NAME [FLAGS]: builds what changed, then runs bench/NAME.mjs with the flags.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}bench/`;
const [name, ...flags] = process.argv.slice(2).filter((argument) => argument !== '--');

/** The benches: the files that say how they are run. */
function benches() {
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  return files.map((file) => file.slice(0, -'.mjs'.length)).filter((bench) => usage(bench) !== undefined);
}

function usage(bench) {
  return /^\/\/\s+(npm run bench -- .*)$/m.exec(readFileSync(`${folder}${bench}.mjs`, 'utf8'))?.[1];
}

if (name === undefined || !benches().includes(name)) {
  if (name !== undefined) console.error(`bench: there is no bench called ${name}`);
  for (const bench of benches()) console.error(usage(bench));
  process.exit(2);
}
await build();
const { status } = spawnSync(process.execPath, [`${folder}${name}.mjs`, ...flags], { stdio: 'inherit' });
process.exit(status ?? 1);
