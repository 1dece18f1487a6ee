import { Command } from 'commander';
import type { Io } from '../io.ts';
import { progressOption, type ProgressChoice } from '../progress.ts';
import { type SourceFlags, withSource } from './filter-flags.ts';

/** The flags of `nekube kep site`. */
export interface SiteFlags extends SourceFlags {
  readonly to: string;
  readonly features?: string;
  readonly release?: string;
  readonly baseUrl?: string;
  readonly progress: ProgressChoice;
}

const EXAMPLES = `
Pages are in English and Japanese, and readable without scripts; the list filters and searches with them. The same checkout gives the same
bytes, and a site is replaced whole.

Examples:
  nekube kep site --from enhancements --to public
  nekube kep site --from enhancements --to public --features versioned_feature_list.yaml --base-url https://keps.example.com/
  nekube kep site --from enhancements --as-of 2023-01-31 --to then`;

/** `nekube kep site`: its flags and help. */
export function siteCommand(io: Io): Command {
  const command = new Command('site')
    .summary('Write a site of KEPs')
    .description(
      'Write all KEPs as a site for any server of files: pages, SIGs, gates, changes with feeds, filter and search.',
    );
  return withSource(command)
    .requiredOption('--to <dir>', 'the folder of the site: empty, not there, or a site that is replaced')
    .option('--features <file>', 'the versioned list of features of kubernetes/kubernetes, to compare gates with')
    .option('--release <release>', 'the release that it is of; default: the newest in it')
    .option('--base-url <url>', 'where the site will be, for feeds and for other sites; links of pages are relative')
    .addOption(progressOption())
    .addHelpText('after', EXAMPLES)
    .action(async (flags: SiteFlags) => {
      const { writeKepSite } = await import('./site.ts');
      await writeKepSite(flags, io);
    });
}
