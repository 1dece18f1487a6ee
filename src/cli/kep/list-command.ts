import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { type FilterFlags, withFilterFlags } from './filter-flags.ts';

/** The flags of `nekube kep list`. */
export interface ListFlags extends FilterFlags {
  readonly output: 'text' | 'wide' | 'name' | 'yaml' | 'json';
}

const EXAMPLES = `
A KEP fits if it fits each flag and each word; several values of a flag are one or the other. Words are looked for in numbers,
titles, names and authors.

Examples:
  nekube kep list --from enhancements --sig node --stage alpha
  nekube kep list --milestone v1.36 -o wide                  # what lands in v1.36
  nekube kep list --status implementable,provisional --stale
  nekube kep list --filter 'sig:node -status:withdrawn created:>=2024-01-01' cpu
  nekube kep list --gate UserNamespacesSupport -o json`;

/** `nekube kep list`: its flags and help. */
export function listCommand(io: Io): Command {
  const command = new Command('list')
    .summary('List KEPs')
    .description('List KEPs, by all that they say.')
    .argument('[words...]', 'words of their numbers, titles, names or authors, and terms of --filter');
  return withFilterFlags(command)
    .addOption(
      new Option('-o, --output <format>', 'the form').choices(['text', 'wide', 'name', 'yaml', 'json']).default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: ListFlags) => {
      const { listKeps } = await import('./list.ts');
      await listKeps(words, flags, io);
    });
}
