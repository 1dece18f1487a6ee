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
