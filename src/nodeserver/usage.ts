import { readdirSync, readFileSync } from 'node:fs';

/** What processes have used: time of processors since they began, and memory now. */
export interface Usage {
  readonly cpuNanoseconds: number;
  readonly memoryBytes: number;
}

/** The kernel's clock ticks a second, and its pages, on all platforms that have /proc. */
const TICK_NS = 1e7;
const PAGE_BYTES = 4096;

/** A process, as far as it matters here. */
interface Process {
  readonly parent: number;
  readonly session: number;
  readonly used: Usage;
}

const NOTHING: Usage = { cpuNanoseconds: 0, memoryBytes: 0 };

/**
 * What processes have used with all that they started: their children, and those of their sessions, which their parents may
 * have left alone. Nothing of a process that has ended; nothing at all where the system has no /proc.
 */
export function usageOfProcesses(roots: ReadonlySet<number>): ReadonlyMap<number, Usage> {
  return usageByRoot(roots.size === 0 ? new Map() : processes(), roots);
}

/** Each process counts for the nearest of its ancestors that is one of these, else for its session's. */
export function usageByRoot(all: ReadonlyMap<number, Process>, roots: ReadonlySet<number>): ReadonlyMap<number, Usage> {
  const used = new Map<number, Usage>();
  for (const [pid, { session, used: own }] of all) {
    const root = rootOf(pid, all, roots) ?? (roots.has(session) ? session : undefined);
    if (root === undefined) continue;
    const { cpuNanoseconds, memoryBytes } = used.get(root) ?? NOTHING;
    used.set(root, {
      cpuNanoseconds: cpuNanoseconds + own.cpuNanoseconds,
      memoryBytes: memoryBytes + own.memoryBytes,
    });
  }
  return used;
}

/** What is read of processes one after the other may go round; nobody has so many ancestors. */
const MOST_ANCESTORS = 1000;

function rootOf(pid: number, all: ReadonlyMap<number, Process>, roots: ReadonlySet<number>): number | undefined {
  let at: number | undefined = pid;
  for (let i = 0; at !== undefined && i < MOST_ANCESTORS; i++) {
    if (roots.has(at)) return at;
    at = all.get(at)?.parent;
  }
  return undefined;
}

function processes(): Map<number, Process> {
  const all = new Map<number, Process>();
  for (const pid of pids()) {
    const fields = statOf(pid);
    if (fields === undefined) continue;
    const used = { cpuNanoseconds: ticksOf(fields) * TICK_NS, memoryBytes: Number(fields[21]) * PAGE_BYTES };
    all.set(Number(pid), { parent: Number(fields[1]), session: Number(fields[3]), used });
  }
  return all;
}

/** Its own time and that of children which it has waited for, in the system and outside of it. */
function ticksOf(fields: readonly string[]): number {
  return Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
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
