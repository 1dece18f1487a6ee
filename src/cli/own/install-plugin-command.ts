import { Command } from 'commander';
import type { Io } from '../io.ts';

/** The flags of `nekube own install-plugin`. */
export interface InstallPluginFlags {
  readonly dir?: string;
}

const EXAMPLES = `
kubectl finds plugins by their names on PATH. To remove it, delete the files.

Examples:
  nekube own install-plugin
  nekube own install-plugin --dir ~/bin
  kubectl own blame deploy/web`;

/** `nekube own install-plugin`: its flags and help. */
export function installPluginCommand(io: Io): Command {
  return new Command('install-plugin')
    .summary('Make it `kubectl own`')
    .description(
      'Write kubectl-own and kubectl_complete-own, by which kubectl has `kubectl own` and completes it; and the same for ' +
        '`kubectl nekube`, unless that is there. A file that this command has not written is never replaced.',
    )
    .option('--dir <directory>', 'where to; default: the first directory of PATH in your home, or ~/.local/bin')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: InstallPluginFlags) => {
      const { installPlugin } = await import('./install-plugin.ts');
      await installPlugin(flags, io);
    });
}
