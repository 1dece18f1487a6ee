import { Command, Option } from 'commander';
import type { Io } from '../io.ts';
import { DEFAULT_STORE, duration, type WarFlags, withWarFlags } from './history-flags.ts';

/** The flags of `nekube own history`. */
export interface HistoryFlags extends WarFlags {
  readonly path?: string;
  readonly namespace?: string;
  readonly store: string;
  readonly since?: number;
  readonly wars?: boolean;
  readonly owners?: boolean;
  readonly output: 'text' | 'wide' | 'json' | 'yaml';
}

const EXAMPLES = `
Times: <=T is at or before T (it was so when watching began); T1..T2 is at some time between, when nobody watched.

Examples:
  nekube own history deploy/web -L .spec.replicas
  nekube own history deploy/web -n shop --since 1h -o wide
  nekube own history --wars

Exit codes: 0 printed, 1 there is no history of it (with --wars: there was a drift war), 2 an error or wrong usage.`;

/** `nekube own history`: its flags and help. */
export function historyCommand(io: Io): Command {
  const command = new Command('history')
    .summary('What became of fields: values, managers, users, times')
    .description(
      'Print what `nekube own watch` kept: what became of the fields of objects, who did it, and the times in which nobody ' +
        'watched. Asks no cluster; may be used while the watch goes on.',
    )
    .argument('[objects...]', 'KIND NAME…, KIND/NAME…, or KIND')
    .option('-L, --path <path>', 'only this field and what is below it, as in .spec.replicas')
    .option('-n, --namespace <name>', 'where there are objects of the same name in several')
    .option('--store <dir>', 'where the history is kept', DEFAULT_STORE)
    .option('--since <duration>', 'only what was seen within so long, as in 2h', duration)
    .option('--wars', 'only drift wars')
    .option('--owners', 'also where only the owners of a field changed')
    .addOption(
      new Option('-o, --output <format>', 'the form').choices(['text', 'wide', 'json', 'yaml']).default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (args: string[], flags: HistoryFlags) => {
      const { printHistory } = await import('./history.ts');
      await printHistory(args, flags, io);
    });
  return withWarFlags(command);
}
