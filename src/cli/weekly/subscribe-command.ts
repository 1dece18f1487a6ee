import { Command, InvalidArgumentError, Option } from 'commander';
import { collected, type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { type EditorFlags, withEditorFlag } from './editor.ts';

/** The flags of `nekube weekly subscribe`. */
export interface SubscribeFlags extends NamespaceFlags, EditorFlags {
  readonly name?: string;
  readonly github?: 'releases' | 'pulls' | 'issues';
  readonly section?: string;
  readonly weight?: number;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly force?: boolean;
}

const EXAMPLES = `
Examples:
  nekube weekly subscribe https://kubernetes.io/feed.xml
  nekube weekly subscribe cilium/cilium --github releases --section releases
  nekube weekly subscribe keps                                # what changes in KEPs: nekube kep sync brings them
  nekube weekly subscribe https://example.org/feed --weight 50 --exclude sponsored`;

/** `nekube weekly subscribe`: its flags and help. */
export function subscribeCommand(io: Io): Command {
  const command = new Command('subscribe')
    .summary('Follow a feed, a repository of GitHub, or the KEPs')
    .description(
      'Follow a feed, a repository of GitHub, or the KEPs of the server. It is read by "nekube weekly collect" and "run".',
    )
    .argument('<source>', 'the address of a feed, OWNER/NAME with --github, or keps')
    .option('--name <name>', 'the name of the Feed; default: by its source')
    .addOption(new Option('--github <what>', 'follow this of a repository').choices(['releases', 'pulls', 'issues']))
    .option('--section <id>', 'the section that its stories are for')
    .option('--weight <percent>', 'how much is thought of it: 100 as of others', percent)
    .option('--include <word>', 'only titles with it, or another that is included', collected)
    .option('--exclude <word>', 'no titles with it', collected)
    .option('--force', 'also where another editor said otherwise')
    .addHelpText('after', EXAMPLES)
    .action(async (source: string, flags: SubscribeFlags) => {
      const { subscribe } = await import('./subscribe.ts');
      await subscribe(source, flags, io);
    });
  return withNamespaceFlags(withEditorFlag(command));
}

/** @throws InvalidArgumentError */
function percent(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
