import { readdir, readFile } from 'node:fs/promises';

/** So many times is looked again whether somebody who was about to be killed started another. */
const MOST_ROUNDS = 5;

/**
 * Kills all processes with a variable in their environment, which they have from whom they descend, in whatever group or
 * session they are. Where there is no /proc nobody is found.
 *
 * @param mark `NAME=VALUE`
 */
export async function killMarked(mark: string): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = await markedProcesses(mark);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

/** Their ids. */
export async function markedProcesses(mark: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (pid) => ((await hasMark(pid, mark)) ? Number(pid) : 0)));
  return found.filter((pid) => pid > 0 && pid !== process.pid);
}

async function hasMark(pid: string, mark: string): Promise<boolean> {
  // that of others cannot be read, and one that has ended has none
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').includes(mark);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
