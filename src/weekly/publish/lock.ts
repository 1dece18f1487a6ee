import { join } from 'node:path';
import { isMarkAlive, processMark } from 'nekube/files';
import type { Disk } from './disk.ts';

/**
 * Takes a place for this process, and gives what frees it; what a process left that is gone is taken over.
 *
 * @throws Error that names the process that publishes there
 */
export function lock(files: Disk, work: string): () => void {
  const path = join(work, 'lock');
  const mark = processMark(process.pid)!;
  if (files.claim(path, mark)) return () => files.remove(path);
  const holder = files.read(path) ?? '';
  if (holder === mark || !isMarkAlive(holder)) {
    // by moving it away one of several takes it, and sees what it took
    const taken = `${path}.taken`;
    files.move(path, taken);
    const was = files.read(taken);
    files.remove(taken);
    if (was === holder && files.claim(path, mark)) return () => files.remove(path);
    // another was faster, and works
    if (was !== undefined && was !== holder) files.claim(path, was);
  }
  throw new Error(`Cannot publish: process ${holder.split(' ')[0]} publishes to the same place`);
}
