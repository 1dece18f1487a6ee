import { Command } from 'commander';
import { type ClusterFlags, withClusterFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube own install`. */
export interface InstallFlags extends ClusterFlags {
  readonly print?: boolean;
}

/** The flags of `nekube own uninstall`. */
export interface UninstallFlags extends ClusterFlags {
  readonly deleteObjects?: boolean;
}

const INSTALL_EXAMPLES = `
A nekube server heeds policies from when the kinds are there. On other clusters they are heeded by nekube own apply, plan
and explain. Who may write a policy may move fields: bind these kinds to few.

Examples:
  nekube own install
  nekube own install --print | kubectl apply -f -`;

const UNINSTALL_EXAMPLES = `
Exit codes: 0 they are removed, or were not there, 1 there are objects of the kinds, 2 an error or wrong usage.`;

/** `nekube own install`: its flags and help. */
export function installCommand(io: Io): Command {
  const command = new Command('install')
    .summary('Install the kinds of policies: FieldPolicy, ClusterFieldPolicy, ApplyConflict')
    .description(
      'Apply the definitions of FieldPolicy, ClusterFieldPolicy and ApplyConflict to a cluster, and wait until they are served.',
    )
    .option('--print', 'print the definitions as YAML instead; asks no cluster')
    .addHelpText('after', INSTALL_EXAMPLES)
    .action(async (flags: InstallFlags) => {
      const { install } = await import('./install.ts');
      await install(flags, io);
    });
  return withClusterFlags(command);
}

/** `nekube own uninstall`: its flags and help. */
export function uninstallCommand(io: Io): Command {
  const command = new Command('uninstall')
    .summary('Remove the kinds of policies')
    .description('Remove the definitions of FieldPolicy, ClusterFieldPolicy and ApplyConflict from a cluster.')
    .option('--delete-objects', 'although there are policies, or applies that wait: these are deleted with the kinds')
    .addHelpText('after', UNINSTALL_EXAMPLES)
    .action(async (flags: UninstallFlags) => {
      const { uninstall } = await import('./install.ts');
      await uninstall(flags, io);
    });
  return withClusterFlags(command);
}
