// What the system knows of processes.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

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

/** The processes that a process has started and that still run; empty on other systems than Linux. */
export function childrenOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

/** The CPU time of processes that have ended below this one, in milliseconds; NaN on other systems than Linux. */
export function endedCpuMs() {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return Number.NaN;
  }
}

/**
 * The memory that processes have together, in MB, by three counts; NaN on other systems than Linux.
 *
 * `rss`: each by itself, so that what they share counts for each. `pss`: a shared page is divided among all of the machine
 * that have it, also by those that have nothing to do with these. `once`: memory of their own, and the pages of files once
 * for each executable: what they would take on a machine of their own.
 */
export function memoryMb(pids) {
  try {
    const all = pids.map((pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      const kb = (name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
      const [rss, pss, anonymous] = ['Rss', 'Pss', 'Anonymous'].map(kb);
      return { rss, pss, anonymous, files: rss - anonymous, executable: readlinkSync(`/proc/${pid}/exe`) };
    });
    const files = {};
    for (const one of all) files[one.executable] = Math.max(files[one.executable] ?? 0, one.files);
    const sum = (numbers) => numbers.reduce((total, number) => total + number, 0) / 1024;
    return {
      rss: sum(all.map(({ rss }) => rss)),
      pss: sum(all.map(({ pss }) => pss)),
      once: sum([...all.map(({ anonymous }) => anonymous), ...Object.values(files)]),
    };
  } catch {
    return { rss: Number.NaN, pss: Number.NaN, once: Number.NaN };
  }
}
