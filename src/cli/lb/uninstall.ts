import { isPinned, lockPins, removePins } from 'nekube/loadbalancer';
import { CliError, type Io, messageOf } from '../io.ts';
import type { UninstallFlags } from './uninstall-command.ts';

/**
 * Removes what agents have left.
 *
 * @throws CliError an agent still runs, or there are no rights
 */
export async function uninstall({ pins }: UninstallFlags, io: Io): Promise<void> {
  try {
    if (!isPinned(pins)) {
      io.stdout(`nothing is pinned at ${pins}\n`);
      return;
    }
    const lock = lockPins(pins);
    const { links, maps } = removePins(pins);
    lock.close();
    io.stdout(`detached ${links.length} programs, removed ${maps} maps\n`);
  } catch (cause) {
    throw new CliError(messageOf(cause), { hint: 'end the agent first; it takes the rights of root', cause });
  }
}
