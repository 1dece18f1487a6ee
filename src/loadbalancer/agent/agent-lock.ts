import { chmodSync, mkdirSync } from 'node:fs';
import { kernel } from 'nekube/bpf';
import { ensurePinFolder, isPinned } from '../pins/folder.ts';

/** That this process is the only agent for a folder of pins, until it is closed or ends. */
export interface AgentLock {
  close(): void;
}

/** Others than root may not open the folder, and so cannot take its lock. */
const OWN = 0o700;

/**
 * Takes the lock, of the folder itself (flock): it holds in all network namespaces, and goes with the process, however that ends. The folder is made,
 * and a bpffs mounted, where there is none.
 *
 * @throws Error another agent has it
 */
export function lockPins(folder: string): AgentLock {
  ensurePinFolder(folder);
  mkdirSync(folder, { recursive: true });
  if (!isPinned(folder)) chmodSync(folder, OWN);
  const lock = kernel.lockFolder(folder);
  if (lock === undefined) throw new Error(`Another agent of this node has ${folder}`);
  return lock;
}
