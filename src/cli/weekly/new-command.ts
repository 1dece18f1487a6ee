import { Command, Option } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import { parseDay } from '../day-flag.ts';
import type { Io } from '../io.ts';
import { collected } from '../cluster-flags.ts';
import { type EditorFlags, withEditorFlag } from './editor.ts';

/** The flags of `nekube weekly new`. */
export interface NewFlags extends NamespaceFlags, EditorFlags {
  readonly title?: string;
  readonly date?: string;
  readonly language?: string;
  readonly emoji?: string;
  readonly type?: 'tech' | 'idea';
  readonly topic?: readonly string[];
  readonly section?: readonly string[];
}

const EXAMPLES = `
Without a number it is that behind the last. Language, emoji, type, topics and sections that are not said are those of the last issue; of the
first one ja, 📰, tech, none, and Notable Articles and Notable PRs.

Examples:
  nekube weekly new --title 'Weekly (2022-10-21)' --date 2022-10-21 --emoji 🐈 --topic kubernetes
  nekube weekly new 12 --section articles='Notable Articles' --section prs='Notable PRs'`;

/** `nekube weekly new`: its flags and help. */
export function newCommand(io: Io): Command {
  const command = new Command('new')
    .summary('Begin an issue')
    .description('Begin an issue, which stories are accepted for then.')
    .argument('[number]', 'its number')
    .option('--title <text>', 'its title; default: "Weekly #NUMBER"')
    .option('--date <YYYY-MM-DD>', 'the day that it is of; default: today', parseDay)
    .option('--language <tag>', 'the language that it is written in')
    .option('--emoji <emoji>', 'what stands for it on Zenn')
    .addOption(new Option('--type <type>', "Zenn's kind of article").choices(['tech', 'idea']))
    .option('--topic <word>', 'what it is about; up to five times', collected)
    .option('--section <id=title>', 'a section, in order; may be repeated', collected)
    .addHelpText('after', EXAMPLES)
    .action(async (number: string | undefined, flags: NewFlags) => {
      const { newIssue } = await import('./new.ts');
      await newIssue(number, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(command));
}
