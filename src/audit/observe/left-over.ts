import { readdirSync, readFileSync } from 'node:fs';

/** A process may start others while it is ended. */
const ROUNDS = 5;

/**
 * Ends by force all processes that have a variable of the environment with a value, besides this one: so are found those that a program
 * has left, also in a session of their own. Only Linux tells of them; elsewhere there are none.
 *
 * @param value one that nothing else has, as the path of a temporary folder
 */
export function endAllWith(variable: string, value: string): void {
  const mark = `\0${variable}=${value}\0`;
  for (let round = 0; round < ROUNDS; round++) {
    const found = processes().filter((pid) => pid !== process.pid && `\0${environmentOf(pid)}`.includes(mark));
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it ended meanwhile
      }
    }
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended, and for one of somebody else. */
function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}
