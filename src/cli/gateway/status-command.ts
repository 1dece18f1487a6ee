import { Command, Option } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube gateway status`. */
export interface StatusFlags extends NamespaceFlags {
  readonly allNamespaces?: boolean;
  readonly output: 'text' | 'json' | 'yaml';
}

const EXAMPLES = `
Exit status: 0 if all is well, 1 if something is not, 2 for an error.

Examples:
  nekube gateway status
  nekube gateway status -n shop`;

/** `nekube gateway status`: its flags and help. */
export function statusCommand(io: Io): Command {
  const command = new Command('status')
    .summary('Say how gateways and routes are, what is wrong first')
    .description(
      'Say what the statuses of Gateways, ListenerSets, routes and policies of a cluster say: first what is not well and what to do, then each Gateway with its addresses, listeners and routes.',
    )
    .option('-A, --all-namespaces', 'of all namespaces; the default, unless -n is said')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json', 'yaml']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: StatusFlags) => {
      const { gatewayStatus } = await import('./status.ts');
      await gatewayStatus(flags, io);
    });
  return withNamespaceFlags(command);
}
