import { Command } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type EditorFlags, withEditorFlag } from './editor.ts';
import { type SourceFlags, withSourceFlags } from './source-flags.ts';

/** The flags of `nekube weekly add`. */
export interface AddFlags extends NamespaceFlags, EditorFlags, SourceFlags {
  readonly title?: string;
  readonly section?: string;
}

const EXAMPLES = `
Examples:
  nekube weekly add https://kubernetes.io/blog/2022/10/20/advanced-server-side-apply/
  nekube weekly add https://github.com/cilium/cilium/pull/17980 --section prs --as alice
  nekube weekly add https://intern.example.com/a --title 'What we learned'   # without reading it`;

/** `nekube weekly add`: its flags and help. */
export function addCommand(io: Io): Command {
  const command = new Command('add')
    .summary('Propose a page as a story')
    .description(
      'Propose a page as a story. Its title and date are read of the page; with --title the page is not read. A page that was proposed before stays as it is.',
    )
    .argument('<url>', 'the address of the page')
    .option('--title <text>', 'its title')
    .option('--section <id>', 'the section that it is for')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, flags: AddFlags) => {
      const { addStory } = await import('./add.ts');
      await addStory(url, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(withSourceFlags(command)));
}
