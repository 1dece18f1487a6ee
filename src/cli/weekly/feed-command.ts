import { Command } from 'commander';
import type { Io } from '../io.ts';

/** The flags of `nekube weekly feed`. */
export interface FeedFlags {
  readonly from: string;
  readonly url: string;
  readonly title: string;
  readonly author: string;
  readonly keep?: boolean;
  readonly force?: boolean;
}

const EXAMPLES = `
With --keep the feed is feed.xml of the folder, and each publish to it, also by "nekube weekly run", changes both in one step and one commit.
It has the newest 50 issues then.

Exit codes: 0 done, 1 not written, since feed.xml was edited or is not ours, 2 an error.

Examples:
  nekube weekly feed --from articles --url https://zenn.dev/our_team/articles --title 'Our Weekly' --author 'Our team' > feed.xml
  nekube weekly feed --keep --from ../zenn-content --url https://zenn.dev/our_team/articles --title 'Our Weekly' --author 'Our team'`;

/** `nekube weekly feed`: its flags and help. */
export function feedCommand(io: Io): Command {
  return new Command('feed')
    .summary('Print an Atom feed of published issues, or keep one beside them')
    .description(
      'Print an Atom feed of the issues of a folder that readers may see, the newest first. The same issues make the same text.',
    )
    .requiredOption('--url <url>', 'where issues are read, by their slugs')
    .requiredOption('--title <text>', 'what the feed is called')
    .requiredOption('--author <name>', 'who writes it')
    .option('--from <dir>', 'the folder of issues, as Markdown', '.')
    .option('--keep', 'keep it beside them: from now on it changes with what is published to the folder')
    .option('--force', 'overwrite a feed.xml that was edited or is not ours')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: FeedFlags) => {
      const { printFeed } = await import('./feed.ts');
      await printFeed(flags, io);
    });
}
