import { Command, Option } from 'commander';
import { type ObjectFlags, OBJECT_ARGUMENTS_HELP, withObjectFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';

/** The flags of `nekube own takeover`. */
export interface TakeoverFlags extends ObjectFlags {
  readonly output: 'text' | 'wide' | 'json' | 'yaml';
  readonly olderThan: string;
}

const EXAMPLES = `${OBJECT_ARGUMENTS_HELP}

A manager was heard of when one of its entries changed, in any of the objects that are named: name many (-A). Who applies
the same again and again is not heard of by that.

Examples:
  nekube own takeover deploy -A
  nekube own takeover all -A --older-than 30d -o wide

Exit codes: 0 printed, 1 an object is not there, 2 an error or wrong usage.`;

/** `nekube own takeover`: its flags and help. */
export function takeoverCommand(io: Io): Command {
  const command = new Command('takeover')
    .summary('What nobody looks after any more')
    .description(
      'Print managers that were not heard of for long, with what they own and who else owns it; fields that no applied ' +
        'configuration mentions, which only updates own, or nobody; and objects that nobody applies.',
    )
    .argument('[objects...]', 'KIND, KIND NAME…, KIND/NAME…')
    .option('--older-than <age>', 'how long is long, in days (90d), weeks (12w) or hours (48h)', '90d')
    .addOption(
      new Option('-o, --output <format>', 'the form; wide also names the fields of nobody')
        .choices(['text', 'wide', 'json', 'yaml'])
        .default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], flags: TakeoverFlags) => {
      const { printTakeover } = await import('./takeover.ts');
      await printTakeover(args, flags, io);
    });
  return withObjectFlags(command);
}
