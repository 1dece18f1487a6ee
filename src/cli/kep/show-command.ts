import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { type SourceFlags, withSource } from './filter-flags.ts';

/** The flags of `nekube kep show`. */
export interface ShowFlags extends SourceFlags {
  readonly output: 'text' | 'yaml' | 'json';
}

/** `nekube kep show`: its flags and help. */
export function showCommand(io: Io): Command {
  const command = new Command('show')
    .summary('Show a KEP')
    .description('Show all that is known of a KEP, and what is odd about it.')
    .argument('<kep>', 'its number, its name or its folder');
  return withSource(command)
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'yaml', 'json']).default('text'))
    .addHelpText('after', '\nExamples:\n  nekube kep show 127\n  nekube kep show 127-user-namespaces -o yaml')
    .action(async (wanted: string, flags: ShowFlags) => {
      const { showKep } = await import('./show.ts');
      await showKep(wanted, flags, io);
    });
}
