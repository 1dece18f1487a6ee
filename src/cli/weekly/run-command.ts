import { Command, Option } from 'commander';
import { collected, type NamespaceFlags, withNamespaceFlags } from '../cluster-flags.ts';
import { lasting } from '../duration-flag.ts';
import type { Io } from '../io.ts';
import { type SourceFlags, withSourceFlags } from './source-flags.ts';

/** The flags of `nekube weekly run`. */
export interface RunFlags extends NamespaceFlags, SourceFlags {
  readonly install?: boolean;
  readonly target?: readonly string[];
  /** In milliseconds. */
  readonly subjectInterval: number;
  readonly leaderElect: boolean;
  readonly output: 'text' | 'json';
}

const EXAMPLES = `
Of several that run one newsroom one works, and the others wait until it ends: they hold an election by the Lease
weekly.nekube.dev of the namespace. What it may not do on the server is told at the start.

What it collects, publishes and proposes is told on stdout, a line each, and what fails on stderr; with -o json both are lines of JSON on stdout.

Examples:
  nekube weekly run --install
  nekube weekly run --target blog=git+origin:../zenn-content --target site=public/weekly
  nekube weekly run --github-token-file token --contact weekly@example.org`;

/** `nekube weekly run`: its flags and help. */
export function runCommand(io: Io): Command {
  const command = new Command('run')
    .summary('Run the newsroom: its controllers')
    .description(
      'Run the newsroom until it is interrupted: feeds are read when they are due, votes counted, what tells the same is found, what stories are about is followed, and issues are published.',
    )
    .option(
      '--target <name=dir>',
      'a folder that Publications may name; git:DIR is committed to, git+REMOTE:DIR pushed as well; may be repeated',
      collected,
    )
    .addOption(
      lasting(
        '--subject-interval <duration>',
        'so often a pull request or issue that a story is about is asked for',
        '6h',
      ),
    )
    .addOption(
      new Option('-o, --output <format>', 'what is done, a line each').choices(['text', 'json']).default('text'),
    )
    .option('--no-leader-elect', 'do not wait for another one that runs this newsroom: there must be none')
    .option('--install', "first make the newsroom's kinds known to the server")
    .addHelpText('after', EXAMPLES)
    .action(async (flags: RunFlags) => {
      const { runNewsroom } = await import('./run.ts');
      await runNewsroom(flags, io);
    });
  return withNamespaceFlags(withSourceFlags(command));
}
