import { Command, Option } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube weekly search`. */
export interface SearchFlags extends NamespaceFlags {
  readonly from?: string;
  readonly limit: string;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Exit codes: 0 found, 1 nothing found, 2 an error.

Examples:
  nekube weekly search cilium DSR
  nekube weekly search cilium DSR --from articles
  nekube weekly search サーバーサイド --from articles -o json`;

/** `nekube weekly search`: its flags and help. */
export function searchCommand(io: Io): Command {
  const command = new Command('search')
    .summary('Find words in past issues')
    .description(
      'Find the stories of past issues that have all the words, the best first: of the issues on the server, or in a folder.',
    )
    .argument('<words...>', 'in any language')
    .option('--from <dir>', 'a folder of past issues, as Markdown')
    .option('--limit <count>', 'at most so many', '20')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: SearchFlags) => {
      const { searchIssues } = await import('./search.ts');
      await searchIssues(words, flags, io);
    });
  return withNamespaceFlags(command);
}
