import { readdirSync, readFileSync } from 'node:fs';

/** What processes have used: time of processors since they began, and memory now. */
export interface Usage {
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
}

/** The kernel's clock ticks a second, and its pages, on all platforms that have /proc. */
const TICK_NS = 1e7;
const PAGE_BYTES = 4096;

/** What each session of processes has used, by the process that leads it; nothing where the system has no /proc. */
export function usageBySession(): Map<number, Usage> {
  const used = new Map<number, Usage>();
  for (const pid of pids()) {
    const fields = statOf(pid);
    if (fields === undefined) continue;
    const session = Number(fields[3]);
    const before = used.get(session) ?? { cpuNanoseconds: 0, memoryBytes: 0 };
    used.set(session, {
      cpuNanoseconds: before.cpuNanoseconds + (Number(fields[11]) + Number(fields[12])) * TICK_NS,
      memoryBytes: before.memoryBytes + Number(fields[21]) * PAGE_BYTES,
    });
  }
  return used;
}

function pids(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** The fields of /proc/PID/stat after the name, which may hold anything. */
function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
