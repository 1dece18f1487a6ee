import { Command, Option } from 'commander';
import type { IssueFormat } from 'nekube/weekly';
import type { Io } from '../io.ts';
import { type IssueSourceFlags, withIssueSource } from './issue-source.ts';

/** The flags of `nekube weekly publish`. */
export interface PublishFlags extends IssueSourceFlags {
  readonly to: string;
  readonly output: IssueFormat;
  readonly language?: string;
  readonly images?: boolean;
  readonly commit?: boolean;
  readonly message?: string;
  readonly push?: string;
  readonly force?: boolean;
  readonly published?: boolean;
  readonly publishedAt?: string;
  readonly dryRun?: boolean;
}

const EXAMPLES = `
The file is there whole or not at all, and what is there already is not written again. What a process had begun that was killed is
completed by the next. A file that was edited since is not overwritten: what would change is shown.

Pages and mails of an issue whose time is to come are not written before it, since readers would see them: publish them again then, or let
"nekube weekly run" do it, by a Publication with publishedTime.

Exit codes: 0 published, or it waits for its time; 1 not published, since Zenn's rules are broken or the file was edited; 2 an error.
With --dry-run: 0 nothing would change, 1 something would, 2 it would not be published, or an error.

Examples:
  nekube weekly publish 12 --to ../zenn-content --commit            # a draft: published is false
  nekube weekly publish 12 --to ../zenn-content --commit --published --dry-run
  nekube weekly publish 12 --to ../zenn-content --commit --published
  nekube weekly publish 12 --to ../zenn-content --push origin
  nekube weekly publish draft.md --to public -o html`;

/** `nekube weekly publish`: its flags and help. */
export function publishCommand(io: Io): Command {
  const command = new Command('publish')
    .summary('Bring an issue to a folder or a git repository')
    .description('Bring an issue to a folder or a git repository, once.')
    .argument('<issue>', 'its number, or a file; - is stdin')
    .requiredOption('--to <dir>', 'the folder')
    .addOption(
      new Option('-o, --output <format>', 'the form')
        .choices(['zenn', 'markdown', 'html', 'email', 'json'])
        .default('zenn'),
    )
    .option('--language <tag>', 'the translation; default: as it was written')
    .option('--images', 'pages and mails load images from where they are')
    .option('--commit', 'commit it; the folder must be of a git repository')
    .option('-m, --message <text>', 'the message of the commit, which is made then')
    .option('--push <remote>', 'push the commit to a remote that is configured')
    .option('--published', 'readers see it, whatever the issue says')
    .option(
      '--published-at <time>',
      'from when they see it, as "YYYY-MM-DD hh:mm" in Japan, as Zenn reads it; also --published',
    )
    .option('--force', 'overwrite what was edited')
    .option('--dry-run', 'write nothing: say what would be written, as a diff')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, flags: PublishFlags) => {
      if (flags.dryRun) {
        const { rehearse } = await import('./rehearse.ts');
        return await rehearse(source, flags, io);
      }
      const { publish } = await import('./publish.ts');
      await publish(source, flags, io);
    });
  return withIssueSource(command);
}
