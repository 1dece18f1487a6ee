import { Command, Option } from 'commander';
import { type ClusterFlags, withClusterFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube gateway install`. */
export interface InstallFlags extends ClusterFlags {
  readonly channel: 'standard' | 'experimental';
  readonly print?: boolean;
}

const EXAMPLES = `
Definitions of an older release become those of this one. Gateway API's own policy, which is installed with them, refuses to go
back, and from the experimental channel to the standard one.

Examples:
  nekube gateway install
  nekube gateway install --channel standard
  nekube gateway install --print | kubectl apply --server-side -f -`;

/** `nekube gateway install`: its flags and help. */
export function installCommand(io: Io): Command {
  const command = new Command('install')
    .summary('Install the kinds of Gateway API, and the class nekube')
    .description(
      'Apply the definitions of Gateway API v1.7.0 and of nekube\'s policies to a cluster, and the GatewayClass "nekube"; wait until they are served.',
    )
    .addOption(
      new Option('--channel <name>', 'what is stable, or all of it')
        .choices(['standard', 'experimental'])
        .default('experimental'),
    )
    .option('--print', 'print the objects as YAML instead; asks no cluster')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: InstallFlags) => {
      const { install } = await import('./install.ts');
      await install(flags, io);
    });
  return withClusterFlags(command);
}
