// Imported before a test file: what fast-check draws there follows from NEKUBE_SEED, which tools/test.mjs sets.
//
// A test that fails for one draw in ten thousand would fail for whoever changed something else. So `npm test` draws the same each
// time, and `npm run fuzz -- tests` looks for what fails for other draws.
import { existsSync, readFileSync } from 'node:fs';

const [, file] = process.argv;
const seed = Number(process.env.NEKUBE_SEED);
// most files draw nothing, and need not wait for it
if (seed && file && existsSync(file) && readFileSync(file, 'utf8').match(/from ["']fast-check["']/)) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed });
}
