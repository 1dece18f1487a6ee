import { Command } from 'commander';
import { type ClusterFlags, withClusterFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube weekly install`. */
export interface InstallFlags extends ClusterFlags {
  readonly print?: boolean;
}

const EXAMPLES = `
Examples:
  nekube weekly install
  nekube weekly install --print > newsroom.yaml        # for whoever may make definitions`;

/** `nekube weekly install`: its flags and help. */
export function installCommand(io: Io): Command {
  const command = new Command('install')
    .summary("Make the newsroom's kinds known to a server")
    .description(
      'Make Feed, Story, Vote, Issue and Publication of weekly.nekube.dev/v1alpha1 known to a server, and who may vote as whom. They may be there already.',
    )
    .option('--print', 'print the definitions, and do nothing')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: InstallFlags) => {
      const { installKinds } = await import('./install.ts');
      await installKinds(flags, io);
    });
  return withClusterFlags(command);
}
