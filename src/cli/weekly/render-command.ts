import { Command, Option } from 'commander';
import type { IssueFormat } from 'nekube/weekly';
import type { Io } from '../io.ts';
import { type IssueSourceFlags, withIssueSource } from './issue-source.ts';

/** The flags of `nekube weekly render`. */
export interface RenderFlags extends IssueSourceFlags {
  readonly output: IssueFormat;
  readonly language?: string;
  readonly images?: boolean;
}

const EXAMPLES = `
html is a page of its own, without scripts or anything from elsewhere; email a whole mail, with its text. Where Zenn's rules are
broken, -o zenn names each on stderr.

Exit codes: 0 rendered, 1 rendered, and Zenn's rules are broken, 2 an error.

Examples:
  nekube weekly render 12 -o zenn
  nekube weekly render articles/our-weekly-0012.md -o html > 12.html
  nekube weekly render 12 --from articles -o email > 12.eml`;

/** `nekube weekly render`: its flags and help. */
export function renderCommand(io: Io): Command {
  const command = new Command('render')
    .summary('Print an issue as readers get it')
    .description('Print an issue as readers get it.')
    .argument('<issue>', 'its number, or a file; - is stdin')
    .addOption(
      new Option('-o, --output <format>', 'the form')
        .choices(['zenn', 'markdown', 'html', 'email', 'json'])
        .default('zenn'),
    )
    .option('--language <tag>', 'the translation; default: as it was written')
    .option('--images', 'pages and mails load images from where they are, which tells that place of readers')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, flags: RenderFlags) => {
      const { printIssue } = await import('./render.ts');
      await printIssue(source, flags, io);
    });
  return withIssueSource(command);
}
