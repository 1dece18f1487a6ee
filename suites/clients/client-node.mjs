// @kubernetes/client-node, in a project of its own.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed } from './tools.mjs';

/** Which one. */
export const VERSION = '1.4.0';

function install() {
  const add = [
    'npm',
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `@kubernetes/client-node@${VERSION}`,
  ];
  return installed(`client-node-${VERSION}`, [['npm', 'init', '-y'], add]);
}

/** Why it cannot run here; undefined when it can. */
export function unavailable() {
  return install().skip;
}

export async function run(story) {
  const { dir } = install();
  // a module is resolved from where it stands
  const program = join(dir, 'story.mjs');
  cpSync(fileURLToPath(new URL('client-node/story.mjs', import.meta.url)), program);
  const ours = new URL('../../dist/client/index.js', import.meta.url).href;
  await story.run([process.execPath, program, ours], { label: 'node story.mjs', stdout: /all is well\n$/ });
}
