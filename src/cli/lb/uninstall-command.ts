import { Command } from 'commander';
import type { Io } from '../io.ts';
import { pinsOption } from './pins-option.ts';

/** The flags of `nekube lb uninstall`. */
export interface UninstallFlags {
  readonly pins: string;
}

const EXAMPLES = `
End the agent of the node first. Flows that are balanced break; nothing is left behind.

Examples:
  nekube lb uninstall

Exit codes: 0 removed, or nothing was there; 2 an error.`;

/** `nekube lb uninstall`: its flags and help. */
export function uninstallCommand(io: Io): Command {
  return new Command('uninstall')
    .summary('Detach all programs of this node, and remove its maps')
    .description('Detach the programs that agents of this node have attached, and remove all that is pinned.')
    .addOption(pinsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (flags: UninstallFlags) => {
      const { uninstall } = await import('./uninstall.ts');
      await uninstall(flags, io);
    });
}
