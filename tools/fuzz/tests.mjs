// npm run fuzz -- tests [--rounds N] [--seed N] [PATH…]: the tests that draw their values, each round with another seed.
//
// `npm test` always draws the same (tools/seed.mjs). Ends with the first round that fails, and says how it comes again.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../build.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(1 + (Date.now() % 2 ** 31)) },
  },
});

await build();
const paths = positionals.length > 0 ? positionals : ['dist', 'suites'].flatMap(testsIn).filter((test) => draws(test));
for (let round = 0; round < Number(values.rounds); round++) {
  const seed = String(Number(values.seed) + round);
  console.error(`fuzz: round ${round + 1} of ${values.rounds}, NEKUBE_SEED=${seed}`);
  const { status, stdout } = spawnSync(process.execPath, ['tools/test.mjs', ...paths], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NEKUBE_SEED: seed },
    maxBuffer: 1 << 30,
  });
  if (status === 0) continue;
  console.log(stdout.slice(Math.max(0, stdout.indexOf('\nFailed:'))));
  console.error(`fuzz: again: NEKUBE_SEED=${seed} npm test -- PATH, with the path of what failed`);
  process.exit(1);
}

function testsIn(dir) {
  const files = readdirSync(join(root, dir), { recursive: true }).filter((file) => /\.test\.m?js$/.test(file));
  return files.map((file) => join(dir, file)).sort();
}

/** Whether a test draws by the seed: itself, or the suite below testing/ that it takes part in. */
function draws(file) {
  if (!existsSync(join(root, file))) return false;
  const text = readFileSync(join(root, file), 'utf8');
  if (/from ["']fast-check["']|env\.NEKUBE_SEED/.test(text)) return true;
  return [...text.matchAll(/from '(\.[^']*\/testing\/[^']+)'/g)].some(([, path]) => draws(join(dirname(file), path)));
}
