// What the system knows of processes.
import { readFileSync } from 'node:fs';

/** The memory that processes have in RAM together, in MB; NaN on other systems than Linux. */
export function residentMb(pids) {
  try {
    const kilobytes = pids.map((pid) =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    );
    return kilobytes.reduce((sum, kb) => sum + kb, 0) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** The CPU time that processes have used together, in milliseconds; NaN on other systems than Linux. */
export function cpuMs(pids) {
  try {
    const ticks = pids.map((pid) => {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[11]) + Number(fields[12]);
    });
    // a tick is 10 ms on all systems that matter
    return ticks.reduce((sum, count) => sum + count, 0) * 10;
  } catch {
    return Number.NaN;
  }
}
