import { Command } from 'commander';
import { type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type EditorFlags, withEditorFlag } from './editor.ts';

/** The flags of `nekube weekly vote`. */
export interface VoteFlags extends NamespaceFlags, EditorFlags {
  readonly against?: boolean;
  readonly withdraw?: boolean;
  readonly comment?: string;
}

const EXAMPLES = `
You vote as who you are for the server; an administrator as who is logged in here. As another one (--as) votes whoever may impersonate that
user.

Examples:
  nekube weekly vote kubernetes-io-3f9a
  nekube weekly vote https://kubernetes.io/blog/2022/10/20/ssa/ --comment 'we use it everywhere'
  nekube weekly vote kubernetes-io-3f9a --against
  nekube weekly vote kubernetes-io-3f9a --withdraw`;

/** `nekube weekly vote`: its flags and help. */
export function voteCommand(io: Io): Command {
  const command = new Command('vote')
    .summary('Vote for a story, or against it')
    .description('Vote for a story, or against it. Everybody has one vote on each; the last one counts.')
    .argument('<story>', 'its name, the beginning of it, or the address of its page')
    .option('--against', 'it should not be told')
    .option('--withdraw', 'take the vote back')
    .option('--comment <text>', 'why')
    .addHelpText('after', EXAMPLES)
    .action(async (story: string, flags: VoteFlags) => {
      const { vote } = await import('./vote.ts');
      await vote(story, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(command));
}
