// Where the sources of a suite are, and its test binary made of them.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Compiles a suite of suites.mjs into the folder `scratch`. Sources are folders in `from`, which are copied, since tests
 * write into them, or Go modules of the proxy. Gives {binary, cwd, env, exact}, or {skip} with the reason; `exact`: these
 * are the sources that the counts of specs are for.
 */
export function compileSuite(name, suite, scratch, from) {
  const sources = sourcesOf(suite, scratch, from);
  if (sources.skip !== undefined) return sources;
  const dir = join(sources.dir, suite.in ?? '');
  const binary = join(scratch, name);
  const env = { ...process.env, GOFLAGS: '-mod=mod -buildvcs=false', GOWORK: 'off', ...suite.env };
  const built = spawnSync('go', ['test', '-c', '-o', binary, `./${suite.package}`], {
    cwd: dir,
    env,
    encoding: 'utf8',
  });
  if (built.status !== 0) return { skip: `it does not compile: ${lastLine(built.stderr)}` };
  return { binary, cwd: join(dir, suite.package), env, exact: sources.exact };
}

function sourcesOf({ folder, module, version }, scratch, from) {
  const dir = join(scratch, folder);
  const there = from !== undefined && existsSync(join(from, folder));
  if (existsSync(dir)) return { dir, exact: there };
  if (there) {
    cpSync(join(from, folder), dir, { recursive: true });
    return { dir, exact: true };
  }
  if (version === undefined)
    return { skip: `its sources are not in --sources, and the proxy does not have ${module ?? folder}` };
  const args = ['mod', 'download', '-json', `${module}@${version}`];
  const { status, stdout, stderr } = spawnSync('go', args, { cwd: scratch, encoding: 'utf8' });
  if (status !== 0) return { skip: `cannot download ${module}@${version}: ${lastLine(stderr)}` };
  cpSync(JSON.parse(stdout).Dir, dir, { recursive: true });
  spawnSync('chmod', ['-R', 'u+w', dir]);
  return { dir, exact: false };
}

function lastLine(text) {
  return text.trim().split('\n').at(-1);
}
