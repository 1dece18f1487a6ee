import { Command, Option } from 'commander';
import { collected, OBJECT_ARGUMENTS_HELP, type SelectionFlags, withSelectionFlags } from '../cluster-flags.ts';
import type { Io } from '../io.ts';
import { DEFAULT_STORE, duration, durationOption, size, type WarFlags, withWarFlags } from './history-flags.ts';

/** The flags of `nekube own watch`. */
export interface WatchFlags extends SelectionFlags, WarFlags {
  readonly store: string;
  readonly auditLog?: string;
  readonly keep: number;
  readonly maxSize?: number;
  readonly ignore?: readonly string[];
  readonly noise?: boolean;
  readonly for?: number;
  readonly changes?: boolean;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `${OBJECT_ARGUMENTS_HELP}

Examples:
  nekube own watch deploy -A
  nekube own watch deploy,rs,pods -n shop --audit-log audit.log
  nekube own watch deploy -n shop --for 10m -o json
  nekube own history deploy/web -L .spec.replicas

Exit codes: 0 ended (with --for: and no drift war was found), 1 a drift war was found within --for, 2 an error.`;

/** `nekube own watch`: its flags and help. */
export function watchCommand(io: Io): Command {
  const command = new Command('watch')
    .summary('Keep the history of fields, and tell of drift wars')
    .description(
      'Follow objects, keep what becomes of each of their fields (value, managers, time, and the user where an audit log ' +
        'tells), and print drift wars as they are found, and when they end: a value that returns, since managers write it ' +
        'against each other. Times in which nothing was watched are kept as gaps. Values of Secrets are kept as salted hashes.',
    )
    .argument('<objects...>', 'KIND, KIND NAME, KIND/NAME')
    .option('--store <dir>', 'where the history is kept; one process may write to it', DEFAULT_STORE)
    .option('--audit-log <file>', 'a kube-apiserver audit log in JSON lines, which is followed: who made the writes')
    .addOption(durationOption('--keep <duration>', 'how long', '7d'))
    .option('--max-size <bytes>', 'the oldest goes first when there is more, as in 500Mi', size)
    .option('--ignore <path>', 'fields that are not kept, as in .status; may be repeated', collected)
    .option('--noise', 'also keep what changes with time alone: heartbeats, generations, last-applied')
    .option('--for <duration>', 'end after so long', duration)
    .option('--changes', 'also print each change')
    .addOption(new Option('-o, --output <format>', 'the form').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], flags: WatchFlags) => {
      const { watch } = await import('./watch.ts');
      await watch(args, flags, io);
    });
  withWarFlags(command);
  return withSelectionFlags(command);
}
