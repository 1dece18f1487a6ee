import { spawn } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, shortProcessScope } from './process-scope.ts';

/** Folders with keys in them, which must not outlive the process. */
const folders = new Set<string>();
/** Those of them that take long to remove. */
const large = new Set<string>();
const prepared = new Set<string>();

/**
 * Makes a folder that goes with the process, also where its environment was never stopped. What processes left behind
 * that were killed goes with the first that a later one makes.
 *
 * @param prefix what the names of such folders begin with: `nekube-envtest`
 * @param isLarge it may have thousands of files: a program of its own removes them, for which nobody waits
 */
export function makeTemporaryFolder(prefix: string, isLarge = false): string {
  if (prepared.size === 0) process.once('exit', () => folders.forEach(removeTemporaryFolder));
  if (!prepared.has(prefix)) removeAbandoned(tmpdir(), prefix);
  prepared.add(prefix);
  const folder = mkdtempSync(join(tmpdir(), `${prefix}-${shortProcessScope()}-${process.pid}-`));
  folders.add(folder);
  if (isLarge) large.add(folder);
  return folder;
}

/** Removes one, and what is in it; of a large one that has begun when this returns. */
export function removeTemporaryFolder(folder: string): void {
  folders.delete(folder);
  if (large.delete(folder) && removeBeside(folder)) return;
  rmSync(folder, { recursive: true, force: true });
}

/** Whether a program has begun to remove it, which goes on when this process has ended. */
function removeBeside(folder: string): boolean {
  const child = spawn('rm', ['-rf', '--', folder], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
  return child.pid !== undefined;
}

/** Removes the folders of our user whose process is gone; a process that cannot be seen from here is none of those. */
function removeAbandoned(dir: string, prefix: string): void {
  const name = new RegExp(`^${prefix}-${shortProcessScope()}-([1-9][0-9]*)-[A-Za-z0-9]{6}$`);
  for (const found of namesIn(dir)) {
    const pid = name.exec(found)?.[1];
    if (pid === undefined || isRunning(Number(pid)) || !isOurs(join(dir, found))) continue;
    try {
      rmSync(join(dir, found), { recursive: true, force: true });
    } catch {
      // another process that starts removes it at the same time
    }
  }
}

/** None where folders can be made and not be looked for. */
function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function isOurs(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && stat.isDirectory() && stat.uid === (process.getuid?.() ?? stat.uid);
}
