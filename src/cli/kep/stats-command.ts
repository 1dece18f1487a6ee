import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { type FilterFlags, withFilterFlags } from './filter-flags.ts';

/** The flags of `nekube kep stats`. */
export interface StatsFlags extends FilterFlags {
  readonly facets?: boolean;
  readonly output: 'text' | 'yaml' | 'json';
}

/** `nekube kep stats`: its flags and help. */
export function statsCommand(io: Io): Command {
  const command = new Command('stats')
    .summary('Count KEPs')
    .description('Count KEPs by status, stage, owning SIG and milestone.')
    .argument('[words...]', 'as of nekube kep list');
  return withFilterFlags(command)
    .option('--facets', 'count the values of each field, without the terms of that field itself')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'yaml', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExamples:\n  nekube kep stats --from enhancements\n  nekube kep stats --sig node -o json | jq .stage',
    )
    .action(async (words: string[], flags: StatsFlags) => {
      const { printStats } = await import('./stats.ts');
      await printStats(words, flags, io);
    });
}
