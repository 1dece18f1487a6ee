// Processes of this machine, by what they have in their environment.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** For tests that need to know of them: `{skip}`. */
export const linuxOnly = { skip: existsSync('/proc/self/environ') ? false : 'processes are told by /proc' };

/** The processes that carry `NAME=VALUE` in their environment. */
export function carrying(mark) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number);
}
