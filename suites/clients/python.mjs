// The Python client `kubernetes`, in a virtual environment of its own.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasProgram, installed } from './tools.mjs';

const VERSION = '36.0.3';

function install() {
  if (!hasProgram('python3', '--version')) return { skip: 'python3 is not installed' };
  const pip = ['venv/bin/pip', 'install', '--quiet', '--disable-pip-version-check', `kubernetes==${VERSION}`];
  return installed(`python-kubernetes-${VERSION}`, [['python3', '-m', 'venv', 'venv'], pip]);
}

/** Why it cannot run here; undefined when it can. */
export function unavailable() {
  return install().skip;
}

export async function run(story) {
  const { dir } = install();
  const program = fileURLToPath(new URL('python/story.py', import.meta.url));
  await story.run([join(dir, 'venv/bin/python'), program], {
    label: 'python story.py',
    env: { PYTHONWARNINGS: 'ignore' },
    stdout: /all is well\n$/,
  });
}
