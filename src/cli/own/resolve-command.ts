import { Command, Option } from 'commander';
import {
  type NamespaceFlags,
  collected,
  type SelectionFlags,
  withNamespaceFlags,
  withSelectionFlags,
} from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube own conflicts`. */
export interface ConflictsFlags extends SelectionFlags {
  readonly output: 'table' | 'wide' | 'name' | 'json' | 'yaml';
}

/** The flags of `nekube own resolve`. */
export interface ResolveFlags extends NamespaceFlags {
  readonly decide?: readonly string[];
  readonly replay: boolean;
}

const CONFLICTS_HELP = `
Examples:
  nekube own conflicts -A
  nekube own conflicts -n shop -o wide

Exit codes: 0 printed, also if none waits, 2 an error or wrong usage.`;

const RESOLVE_DESCRIPTION =
  'Decide the conflicts of an apply that waits (an ApplyConflict), and make the apply, as you and in the name of its ' +
  'manager. Only if it is in conflict over the same fields still; else nothing is written.';

const RESOLVE_EXAMPLES = `
Each field in conflict gets the first --decide that matches it; on a terminal you are asked for the others. What is decided
holds until the ApplyConflict expires: the next apply of the same configuration is carried out, too. Where the
conflicts become others between the answer and the apply, the apply is refused and the object stays as it is, but the answer
stays written down.

Examples:
  nekube own conflicts -A
  nekube own resolve deployment-3f2a91c07be45d18 -n shop --decide force=.spec.replicas
  nekube own resolve deployment-3f2a91c07be45d18 -n shop --decide 'share=**' --no-replay

Exit codes: 0 applied (or, without a replay, decided), 1 it came too late, or is refused, 2 an error or wrong usage.`;

/** `nekube own conflicts`: its flags and help. */
export function conflictsCommand(io: Io): Command {
  const command = new Command('conflicts')
    .summary('Applies that wait for a person to decide')
    .description('List applies that wait for a person, because a policy decides Ask: ApplyConflict objects.')
    .addOption(
      new Option('-o, --output <format>', 'the form')
        .choices(['table', 'wide', 'name', 'json', 'yaml'])
        .default('table'),
    )
    .action(async (flags: ConflictsFlags) => {
      const { printConflicts } = await import('./conflicts.ts');
      await printConflicts(flags, io);
    });
  return withSelectionFlags(command).addHelpText('after', CONFLICTS_HELP);
}

/** `nekube own resolve`: its flags and help. */
export function resolveCommand(io: Io): Command {
  const command = new Command('resolve')
    .summary('Decide the conflicts of an apply that waits')
    .description(RESOLVE_DESCRIPTION)
    .argument('<name>', 'the ApplyConflict; nekube own conflicts lists them')
    .option('--decide <decision=path>', 'force, share, yield or fail, for fields; may be repeated', collected)
    .option('--no-replay', 'only write down what is decided: the next apply of the manager carries it out')
    .addHelpText('after', RESOLVE_EXAMPLES)
    .action(async (name: string, flags: ResolveFlags) => {
      const { resolve } = await import('./resolve.ts');
      await resolve(name, flags, io);
    });
  return withNamespaceFlags(command);
}
