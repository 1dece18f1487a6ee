import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { agentOption, pinsOption } from './pins-option.ts';

/** The flags of `nekube lb list`. */
export interface ListFlags {
  readonly output: 'text' | 'wide' | 'yaml' | 'json';
  readonly pins: string;
  readonly agent: string;
}

const EXAMPLES = `
What is listed is what the maps hold. Names of Services come from the agent, where one runs.

Examples:
  nekube lb list
  nekube lb list -o wide
  nekube lb list -o json`;

/** `nekube lb list`: its flags and help. */
export function listCommand(io: Io): Command {
  return new Command('list')
    .summary('List the frontends of this node with their backends and counts')
    .description(
      'List the frontends that the maps of this node hold, with modes, backends, and what clients have sent.',
    )
    .addOption(
      new Option('-o, --output <format>', 'the form').choices(['text', 'wide', 'yaml', 'json']).default('text'),
    )
    .addOption(pinsOption())
    .addOption(agentOption())
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ListFlags) => {
      const { listFrontends } = await import('./list.ts');
      await listFrontends(flags, io);
    });
}
