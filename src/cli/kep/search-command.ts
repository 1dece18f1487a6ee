import { Command, Option } from 'commander';
import { COLOR_CHOICES } from '../color.ts';
import type { Io } from '../io.ts';
import { type FilterFlags, withFilterFlags } from './filter-flags.ts';

/** The flags of `nekube kep search`. */
export interface SearchFlags extends FilterFlags {
  readonly limit: number;
  readonly color: string;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Titles, numbers and gates count more than the text. Words may be beginnings. Where no KEP has all words, those with some are shown.

Examples:
  nekube kep search --from enhancements user namespaces
  nekube kep search --from enhancements --sig node --stage beta swap
  nekube kep search --from enhancements -o json cgroup | jq -r '.hits[].kep.metadata.name'`;

/** `nekube kep search`: its flags and help. */
export function searchCommand(io: Io): Command {
  const command = new Command('search')
    .summary('Search the texts of KEPs')
    .description('Search the texts of KEPs for words, the best first.')
    .argument('<words...>', 'what is looked for');
  return withFilterFlags(command)
    .addOption(new Option('--limit <count>', 'at most so many').argParser(Number).default(10))
    .addOption(new Option('--color <when>', 'colors').choices(COLOR_CHOICES).default('auto'))
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: SearchFlags) => {
      const { searchKeps } = await import('./search.ts');
      await searchKeps(words, flags, io);
    });
}
