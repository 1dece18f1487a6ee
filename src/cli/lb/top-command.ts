import { Command, Option } from 'commander';
import { counting } from '../count-flag.ts';
import { lasting } from '../duration-flag.ts';
import { CliError, type Io } from '../io.ts';
import { agentOption, pinsOption } from './pins-option.ts';

/** The flags of `nekube lb top`. */
export interface TopFlags {
  readonly output: 'text' | 'json';
  /** Milliseconds. */
  readonly interval: number;
  readonly rounds?: number;
  readonly lines: number;
  readonly pins: string;
  readonly agent: string;
}

const EXAMPLES = `
On a terminal the screen is written anew each time; elsewhere one table follows the other. Drops with their addresses are told
by the agent, where one runs.

Examples:
  nekube lb top
  nekube lb top --interval 5s --rounds 1 -o json`;

/** `nekube lb top`: its flags and help. */
export function topCommand(io: Io): Command {
  return new Command('top')
    .summary('Show which frontends have most traffic, and what is dropped')
    .description(
      'Show what comes to frontends each second, and how many packets are dropped and why, until it is interrupted.',
    )
    .addOption(lasting('--interval <duration>', 'so long is counted each time', '1s'))
    .addOption(counting('--rounds <n>', 'end after so many times'))
    .addOption(counting('--lines <n>', 'show so many frontends').default(20))
    .addOption(
      new Option('-o, --output <format>', 'the form; JSON has a line each time')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(pinsOption())
    .addOption(agentOption())
    .addHelpText('after', EXAMPLES)
    .action(async (flags: TopFlags) => {
      if (flags.interval < 1) throw new CliError('Cannot use --interval: it must be a millisecond or more');
      const { showTop } = await import('./top.ts');
      await showTop(flags, io);
    });
}
