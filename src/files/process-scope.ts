import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where the id of a process means something: the host, its boot and the namespace of process ids; to be compared only. */
export function processScope(): string {
  if (process.platform !== 'linux') return hostname();
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** The same as eight letters, for names of files and devices. */
export function shortProcessScope(): string {
  return createHash('sha256').update(processScope()).digest('hex').slice(0, 8);
}

/** Whether there is a process of this id in our scope; ids are used again, so it may be another than once. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // it is there, and somebody else's
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
