// Installs what a client's program needs, once, into the cache of the tools.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from '../../tools/fetched.mjs';

/**
 * The folder `name` in the cache. When it is not there, `commands` fill it, each run in it; it appears only when all
 * succeeded. Returns `{dir}`, or `{skip}` with what failed.
 */
export function installed(name, commands) {
  const dir = join(cache, name);
  if (existsSync(join(dir, '.complete'))) return { dir };
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  for (const [program, ...args] of [...commands, ['mkdir', '.complete.tmp']]) {
    const run = spawnSync(program, args, { cwd: dir, encoding: 'utf8', timeout: 600_000 });
    if (run.status !== 0) {
      const why = (run.stderr || run.error?.message || '').trim().split('\n').at(-1);
      return { skip: `${[program, ...args].join(' ')}: ${why}` };
    }
  }
  renameSync(join(dir, '.complete.tmp'), join(dir, '.complete'));
  return { dir };
}

/** True when a program can be started. */
export function hasProgram(program, ...args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}
