import { Command } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type EditorFlags, withEditorFlag } from './editor.ts';

/** The flags of `nekube weekly translate`. */
export interface TranslateFlags extends NamespaceFlags, EditorFlags {
  readonly to?: string;
  readonly from?: string;
  readonly output?: string;
  readonly check?: boolean;
  readonly force?: boolean;
}

const EXAMPLES = `
Without --from a sheet is printed: each text of the issue, whether its translation is missing or stale, and the translation. Write in it, and
bring it back with --from. The same text in another language, as Markdown with as many blocks, is taken too. Each translation is applied as
yours, to a text, and owns no part of that text; it is stale once the text is another than the one you saw.

Of a file the issue is printed as JSON with its translations.

Exit codes: 0 done, 1 with --check: something is missing or stale, 2 an error.

Examples:
  nekube weekly translate 12 --to en -o 12.en.md
  nekube weekly translate 12 --from 12.en.md
  nekube weekly translate 12 --from articles/our-weekly-0012-en.md --to en
  nekube weekly translate 12 --check
  nekube weekly render 12 --language en -o html`;

/** `nekube weekly translate`: its flags and help. */
export function translateCommand(io: Io): Command {
  const command = new Command('translate')
    .summary('Translate an issue, and see what is stale')
    .description('Translate an issue text by text, and see which translations are missing or stale.')
    .argument('<issue>', 'its number, or a file')
    .option('--to <tag>', 'the language, as in en')
    .option('--from <file>', 'take the translations of a sheet or a text; - is stdin')
    .option('-o, --output <file>', 'the file that is written; default: stdout')
    .option('--check', 'tell what is missing or stale, of --to or of all languages that it is translated to')
    .option('--force', 'translate what another editor translated otherwise')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, flags: TranslateFlags) => {
      const { translate } = await import('./translate.ts');
      await translate(source, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(command));
}
