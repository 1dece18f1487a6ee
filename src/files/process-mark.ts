import { readFileSync } from 'node:fs';
import { isRunning } from './process-scope.ts';

/**
 * A process by its id and the moment it started, in ticks since the machine did: ids are used again, both are not. Where the
 * moment is not told (all but Linux) it is by its id alone.
 */
export function processMark(pid: number): string | undefined {
  if (process.platform !== 'linux') return isRunning(pid) ? `${pid} -` : undefined;
  try {
    // the name of the program, in brackets, may have spaces and brackets in it
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return undefined;
  }
}

/** Whether the process of a mark is there. */
export function isMarkAlive(mark: string): boolean {
  return processMark(Number(mark.split(' ')[0])) === mark;
}
