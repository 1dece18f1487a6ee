import { Command } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type ProgressChoice, progressOption } from '../progress.ts';
import { type SourceFlags, withSourceFlags } from './source-flags.ts';

/** The flags of `nekube weekly collect`. */
export interface CollectFlags extends NamespaceFlags, SourceFlags {
  readonly all?: boolean;
  readonly githubExport?: string;
  readonly progress: ProgressChoice;
}

const EXAMPLES = `
Exit codes: 0 some feed was read, or none was due, 1 not one could be read, 2 an error or wrong usage.

Examples:
  nekube weekly collect                # in a cron job; feeds that are not due are not asked
  nekube weekly collect --all
  gh pr list --repo cilium/cilium --state merged --json url,title,state,mergedAt | nekube weekly collect --github-export -
  nekube weekly run                    # goes on collecting`;

/** `nekube weekly collect`: its flags and help. */
export function collectCommand(io: Io): Command {
  const command = new Command('collect')
    .summary('Read the feeds that are due, once')
    .description(
      'Read the feeds that are due, once, and propose what they have new. What is wrong with a feed stands in its conditions.',
    )
    .option('--all', 'also feeds that are not due')
    .option(
      '--github-export <file>',
      'read no feeds, but this: what the API of GitHub or "gh ... --json" printed of releases, pull requests and issues; - is stdin',
    )
    .addOption(progressOption())
    .addHelpText('after', EXAMPLES)
    .action(async (flags: CollectFlags) => {
      const { collect } = await import('./collect.ts');
      await collect(flags, io);
    });
  return withNamespaceFlags(withSourceFlags(command));
}
