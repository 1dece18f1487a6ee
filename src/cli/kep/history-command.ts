import { Command, Option } from 'commander';
import { parseDay } from '../day-flag.ts';
import type { Io } from '../io.ts';
import { listed, type FilterFlags, withFilterFlags } from './filter-flags.ts';

/** The flags of `nekube kep history`. */
export interface HistoryFlags extends FilterFlags {
  readonly since?: string;
  readonly until?: string;
  readonly field?: readonly string[];
  readonly output: 'text' | 'json' | 'atom' | 'jsonfeed';
}

const EXAMPLES = `
Changes are of title, number, SIG, status, stage and milestones, dated by the merge that brought them, through all places where a KEP was.
The checkout must have its history: git clone without --depth.

Examples:
  nekube kep history 127 --from enhancements
  nekube kep history --sig node --since 2026-06-01           # what changed, in order
  nekube kep history --field status --since 2026-01-01 -o json
  nekube kep history --since 2026-06-01 -o atom > keps.atom  # for feed readers`;

/** `nekube kep history`: its flags and help. */
export function historyCommand(io: Io): Command {
  const command = new Command('history')
    .summary('What changed, and when')
    .description('Say what changed in KEPs and when, from the history of the checkout; also as a feed.')
    .argument('[words...]', 'as of nekube kep list; a number alone is that of a KEP');
  return withFilterFlags(command)
    .option('--since <day>', 'from a day on', parseDay)
    .option('--until <day>', 'to a day, with it', parseDay)
    .option('--field <name>', 'changes of a field: status, stage, latest-milestone, milestone.beta', listed)
    .addOption(
      new Option('-o, --output <format>', 'the form').choices(['text', 'json', 'atom', 'jsonfeed']).default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (words: string[], flags: HistoryFlags) => {
      const { printHistory } = await import('./history.ts');
      await printHistory(words, flags, io);
    });
}
