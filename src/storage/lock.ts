import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder, processScope } from 'nekube/files';
import { LockedError } from './errors.ts';

/** Who holds a directory. Process ids are reused, so the start time belongs to the name. */
interface Claim {
  readonly pid: number;
  readonly started: string;
  /** Where the pid means something: the host, its boot and the namespace of process ids. */
  readonly scope: string;
}

/** A claim from another scope, whose process cannot be seen, holds as long as it was renewed so recently. */
const foreignClaimMs = 30_000;
const renewMs = 10_000;

/**
 * Claims a directory for this process, until the result is called or the process ends, however it ends.
 *
 * Every process writes a claim of its own first and looks at the others then, so of two that start at the same time
 * at least one sees the other; the worst case is that both are refused. Claims of processes that are gone are removed.
 * (Node has no file locks, and a file that means "locked" by existing would survive a kill.)
 *
 * @throws LockedError: another process, or this one, has it.
 */
export function claimDirectory(dir: string): () => void {
  const folder = join(dir, 'owners');
  const mine: Claim = { pid: process.pid, started: startTime(process.pid) ?? '', scope: processScope() };
  const file = join(folder, `${mine.pid}-${shortHash(mine.scope)}`);
  makeFolder(folder);
  if (readClaim(file)?.started === mine.started) throw new LockedError(dir, mine.pid);
  writeFileSync(file, JSON.stringify(mine));
  const other = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => path !== file && !removeIfStale(path, mine.scope));
  if (other !== undefined) {
    rmSync(file, { force: true });
    throw new LockedError(dir, readClaim(other)?.pid ?? 0);
  }
  const renewal = setInterval(() => renew(file), renewMs);
  renewal.unref();
  return () => {
    clearInterval(renewal);
    rmSync(file, { force: true });
  };
}

function renew(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // the directory is gone or read-only: the claim cannot matter, or the next write will tell
  }
}

/** True if the claim's process is gone; the claim then is too. */
function removeIfStale(path: string, scope: string): boolean {
  const claim = readClaim(path);
  if (claim && isHeld(claim, path, scope)) return false;
  rmSync(path, { force: true });
  return true;
}

function isHeld(claim: Claim, path: string, scope: string): boolean {
  if (claim.scope === scope) return claim.started === startTime(claim.pid);
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) < foreignClaimMs;
}

/** The claim in a file; undefined if there is none, or it was cut off by a crash. */
function readClaim(path: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Claim;
  } catch {
    return undefined;
  }
}

/** When a process started, as text that only has to be compared; undefined if there is no such process. */
function startTime(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return procStat(pid);
    if (process.platform === 'win32') return process.kill(pid, 0) ? 'running' : undefined;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** The start time in /proc/PID/stat, the 22nd field; the second may contain spaces. A zombie counts as gone. */
function procStat(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function shortHash(text: string): string {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return (hash >>> 0).toString(36);
}
