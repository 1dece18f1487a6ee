import { Command } from 'commander';
import type { Io } from '../io.ts';

/** The flags of `nekube weekly feed`. */
export interface FeedFlags {
  readonly from: string;
  readonly url: string;
  readonly title: string;
  readonly author: string;
}

const EXAMPLES = `
Examples:
  nekube weekly feed --from articles --url https://zenn.dev/our_team/articles --title 'Our Weekly' --author 'Our team' > feed.xml`;

/** `nekube weekly feed`: its flags and help. */
export function feedCommand(io: Io): Command {
  return new Command('feed')
    .summary('Print an Atom feed of published issues')
    .description(
      'Print an Atom feed of the issues of a folder that readers may see, the newest first. The same issues make the same text.',
    )
    .requiredOption('--url <url>', 'where issues are read, by their slugs')
    .requiredOption('--title <text>', 'what the feed is called')
    .requiredOption('--author <name>', 'who writes it')
    .option('--from <dir>', 'the folder of issues, as Markdown', '.')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: FeedFlags) => {
      const { printFeed } = await import('./feed.ts');
      printFeed(flags, io);
    });
}
