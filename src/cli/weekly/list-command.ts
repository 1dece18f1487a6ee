import { Command, Option } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube weekly list`. */
export interface ListFlags extends NamespaceFlags {
  readonly issue?: string;
  readonly declined?: boolean;
  readonly why?: boolean;
  readonly output: 'text' | 'wide' | 'name' | 'yaml' | 'json';
}

const EXAMPLES = `
The score is votes for, less those against, the weight of the feed (doubled: 1), what was accepted and declined before of the same
host, feed and words (2 at most), and 1 less for each two weeks of age. --why tells the parts.

Examples:
  nekube weekly list
  nekube weekly list --why
  nekube weekly list --issue 12 -o name
  nekube weekly list --declined`;

/** `nekube weekly list`: its flags and help. */
export function listCommand(io: Io): Command {
  const command = new Command('list')
    .summary('List stories, the best first')
    .description('List the stories that are proposed, the best first; what tells the same as an older one is left out.')
    .option('--issue <number>', 'those that this issue tells')
    .option('--declined', 'those that were declined')
    .option('--why', 'with what makes the score')
    .addOption(
      new Option('-o, --output <format>', 'the form').choices(['text', 'wide', 'name', 'yaml', 'json']).default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (flags: ListFlags) => {
      const { listStories } = await import('./list.ts');
      await listStories(flags, io);
    });
  return withNamespaceFlags(command);
}
