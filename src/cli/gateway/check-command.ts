import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { type ResourceFlags, withResourceFlags } from './resource-flags.ts';

/** The flags of `nekube gateway check`. */
export interface CheckFlags extends ResourceFlags {
  readonly channel: 'standard' | 'experimental';
  readonly output: 'text' | 'json' | 'github';
}

const DESCRIPTION = `Check Gateway API resources of files, as a cluster and its gateway would: each object against the schema and the rules of its
definition, and all of them together by what their statuses would say (references, grants, conflicts, hostnames, certificates). No
cluster is asked unless --live is said.

The class nekube, and namespaces, are taken for granted where no file has them; Services, EndpointSlices, Secrets and ConfigMaps
are not.`;

const EXAMPLES = `
Exit status: 0 if all is well, 1 if something is not, 2 for an error.

Examples:
  nekube gateway check -f gateways/
  nekube gateway check -f gateways/ -R -o github        # annotations of a pull request
  helm template shop | nekube gateway check -f - --live # with what the cluster has`;

/** `nekube gateway check`: its flags and help. */
export function checkCommand(io: Io): Command {
  const command = new Command('check')
    .summary('Check resources of files, for CI')
    .description(DESCRIPTION)
    .addOption(
      new Option('--channel <name>', 'the definitions that count')
        .choices(['standard', 'experimental'])
        .default('experimental'),
    )
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json', 'github']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (flags: CheckFlags) => {
      const { checkResources } = await import('./check.ts');
      await checkResources(flags, io);
    });
  return withResourceFlags(command);
}
