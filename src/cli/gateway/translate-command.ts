import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { type ResourceFlags, withResourceFlags } from './resource-flags.ts';

/** The flags of `nekube gateway translate`. */
export interface TranslateFlags extends ResourceFlags {
  readonly output: 'xds' | 'model' | 'status';
  readonly json?: boolean;
}

const EXAMPLES = `
Private keys are never shown.

Examples:
  nekube gateway translate -f gateways/ -o xds
  nekube gateway translate -f gateways/ -o status
  nekube gateway translate -o model --json | jq '.gateways[].listeners[].name'`;

/** `nekube gateway translate`: its flags and help. */
export function translateCommand(io: Io): Command {
  const command = new Command('translate')
    .summary('Print what resources become')
    .description(
      'Print what Gateway API resources of a cluster or of files become: the resources of Envoy (xds), the routing model between both (model), or the statuses that they get (status).',
    )
    .addOption(new Option('-o, --output <what>', 'what').choices(['xds', 'model', 'status']).default('xds'))
    .option('--json', 'as JSON; default: YAML')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: TranslateFlags) => {
      const { translateResources } = await import('./translate.ts');
      await translateResources(flags, io);
    });
  return withResourceFlags(command);
}
