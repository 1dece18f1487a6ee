import { Command, InvalidArgumentError } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type EditorFlags, withEditorFlag } from './editor.ts';

/** The flags of `nekube weekly decline`. */
export interface DecideFlags extends NamespaceFlags, EditorFlags {
  readonly force?: boolean;
}

/** The flags of `nekube weekly accept`. */
export interface AcceptFlags extends DecideFlags {
  readonly issue: string;
  readonly section?: string;
  readonly presenter?: string;
  readonly order?: number;
}

const STORY = 'its name, the beginning of it, or the address of its page';
const FORCE = 'also where another editor decided otherwise';

const ACCEPT_EXAMPLES = `
Examples:
  nekube weekly accept kubernetes-io-3f9a --issue 12 --section articles --presenter alice
  nekube weekly accept https://kubernetes.io/blog/2022/10/20/ssa/ --issue 12 --order 10`;

const DECLINE_EXAMPLES = `
Examples:
  nekube weekly decline kubernetes-io-3f9a
  nekube weekly list --declined                # nekube weekly accept takes one back`;

/** `nekube weekly accept`: its flags and help. */
export function acceptCommand(io: Io): Command {
  const command = new Command('accept')
    .summary('Take a story into an issue')
    .description('Take a story into an issue, with who presents it. What another editor decided stays, unless --force.')
    .argument('<story>', STORY)
    .requiredOption('--issue <number>', 'the issue')
    .option('--section <id>', 'the section of it; default: that of its feed, else the first')
    .option('--presenter <name>', 'who presents it')
    .option('--order <number>', 'its place: lower is earlier', wholeNumber)
    .option('--force', FORCE)
    .addHelpText('after', ACCEPT_EXAMPLES)
    .action(async (story: string, flags: AcceptFlags) => {
      const { accept } = await import('./decide.ts');
      await accept(story, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(command));
}

/** `nekube weekly decline`: its flags and help. */
export function declineCommand(io: Io): Command {
  const command = new Command('decline')
    .summary('Do not tell a story')
    .description(
      'Do not tell a story. It stays, so that it is not proposed again, and stories like it are ranked lower.',
    )
    .argument('<story>', STORY)
    .option('--force', FORCE)
    .addHelpText('after', DECLINE_EXAMPLES)
    .action(async (story: string, flags: DecideFlags) => {
      const { decline } = await import('./decide.ts');
      await decline(story, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(command));
}

/** @throws InvalidArgumentError */
function wholeNumber(text: string): number {
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
