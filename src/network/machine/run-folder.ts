import { readdirSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRunning, shortProcessScope } from 'nekube/files';
import type { NetworkMode } from '../pod-network.ts';

/** Folders of runs, by their mode, and the id of their process and where that means something. */
const NAME = /^nekube-network-([a-z]+)-([0-9a-f]{8})-(\d+)-/;

/** A folder for what a run has beside its devices and routes, by which others know that it is there. */
export function makeRunFolder(mode: NetworkMode): Promise<string> {
  return mkdtemp(join(tmpdir(), `nekube-network-${mode}-${shortProcessScope()}-${process.pid}-`));
}

/**
 * Removes the folders of runs that were killed. Those of another namespace of processes cannot be seen from here, and are left to runs
 * of there.
 *
 * @returns the modes of those that are there
 */
export function removeDeadRuns(): ReadonlySet<string> {
  const alive = new Set<string>();
  for (const name of readdirSync(tmpdir())) {
    const [, mode, scope, pid] = NAME.exec(name) ?? [];
    if (mode === undefined || scope !== shortProcessScope()) continue;
    if (isRunning(Number(pid))) alive.add(mode);
    else removeIfOurs(join(tmpdir(), name));
  }
  return alive;
}

/** What another user left is for that user to remove. */
function removeIfOurs(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (!['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
