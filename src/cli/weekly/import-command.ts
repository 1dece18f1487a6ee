import { Command, Option } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type EditorFlags, withEditorFlag } from './editor.ts';

/** The flags of `nekube weekly import`. */
export interface ImportFlags extends NamespaceFlags, EditorFlags {
  readonly number?: string;
  readonly apply?: boolean;
  readonly output: 'objects' | 'json' | 'zenn' | 'markdown';
}

const EXAMPLES = `
The text may be Zenn's Markdown, any other with headings, or copied from a page, which has lost its cards. What was guessed is told
on stderr; what is of no known kind is kept word for word. Importing the same text again changes nothing.

Examples:
  nekube weekly import articles/our-weekly-0012.md
  nekube weekly import copied.txt -o zenn > articles/our-weekly-0012.md
  nekube weekly import articles/our-weekly-0012.md --apply --as anna`;

/** `nekube weekly import`: its flags and help. */
export function importCommand(io: Io): Command {
  const command = new Command('import')
    .summary('Read an issue of a text, as objects')
    .description('Read an issue of a text: as the objects that it is on a server, or as what it is written as.')
    .argument('<file>', 'Markdown, or text copied from a page; - is stdin')
    .option('--number <number>', 'the number of the issue, if the text does not say it')
    .option('--apply', 'apply the objects to the server, as yours')
    .addOption(
      new Option('-o, --output <format>', 'the form')
        .choices(['objects', 'json', 'zenn', 'markdown'])
        .default('objects'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: ImportFlags) => {
      const { importIssue } = await import('./import.ts');
      await importIssue(file, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(command));
}
