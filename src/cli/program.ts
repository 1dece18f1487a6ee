import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { assetsCommand } from './assets-command.ts';
import { auditCommand } from './audit-command.ts';
import { codegenCommand } from './codegen-command.ts';
import { completionCommand } from './completion-command.ts';
import { consoleCommand } from './console-command.ts';
import { gatewayCommand } from './gateway-command.ts';
import { breakLines, HELP_LAYOUT } from './help-lines.ts';
import { initCommand } from './init-command.ts';
import { CliError, EXIT, type Io, messageOf, NegativeFinding } from './io.ts';
import { printableLines } from './printable.ts';
import { kepCommand } from './kep-command.ts';
import { lbCommand } from './lb-command.ts';
import { ownCommand } from './own-command.ts';
import { snapshotCommand } from './snapshot-command.ts';
import { upCommand } from './up-command.ts';
import { versionCommand } from './version-command.ts';
import { weeklyCommand } from './weekly-command.ts';
import { xdsCommand } from './xds-command.ts';

const EXIT_CODES = `
Exit codes: 0 success, 1 a negative finding, 2 an error or wrong usage.`;

/** Runs the command line `args` (without the program's name) to its end, and gives the exit code. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const program = buildProgram(io);
  if (args.length === 0) {
    program.outputHelp();
    return EXIT.success;
  }
  if (args[0] === '__complete') {
    const { complete, formatCompletion } = await import('./complete.ts');
    const words = args.slice(1);
    const found = complete(program, words);
    const names =
      found.names && (await (await import('./weekly/complete-names.ts')).completeNames(found.names, words, io));
    io.stdout(formatCompletion({ ...found, candidates: [...found.candidates, ...(names ?? [])] }));
    return EXIT.success;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.success;
  } catch (error) {
    return report(error, io);
  }
}

/** The tree of commands. Only flags and help are here; what a command does is loaded when it runs. */
export function buildProgram(io: Io): Command {
  const program = new Command('nekube')
    .description(
      "Kubernetes' control plane as an npm package, and tools for any cluster. `nekube up` runs an API server that answers as kube-apiserver does.",
    )
    .addHelpText('after', EXIT_CODES)
    .helpCommand('help [command]', 'Print the help of a command')
    .helpOption('-h, --help', 'print this help');
  const commands = [
    upCommand(io),
    consoleCommand(io),
    versionCommand(io),
    snapshotCommand(io),
    assetsCommand(io),
    codegenCommand(io),
    initCommand(io),
    ownCommand(io),
    auditCommand(io),
    gatewayCommand(io),
    kepCommand(io),
    lbCommand(io),
    weeklyCommand(io),
    xdsCommand(io),
    completionCommand(io),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
      .helpOption('-h, --help', 'print this help')
      .configureHelp(HELP_LAYOUT)
      .configureOutput(outputTo(io))
      .showHelpAfterError(`Run "${pathOf(command)} --help" for usage.`);
  }
  return program;
}

/** Never coloured; a terminal may be narrower or wider than the usual 80 columns. */
function outputTo(io: Io): OutputConfiguration {
  const width = (): number => io.columns ?? 80;
  return {
    // what stands after options is not laid out by commander
    writeOut: (text) => io.stdout(breakLines(text, width())),
    writeErr: io.stderr,
    getOutHelpWidth: width,
    getErrHelpWidth: width,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  };
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** Tells the user what went wrong; commander has already told of wrong usage and printed help. */
function report(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.success : EXIT.error;
  // whoever asked it to end need not be told that it did
  if (io.signal.aborted && error === io.signal.reason) return EXIT.interrupted;
  if (error instanceof NegativeFinding) {
    io.stderr(`nekube: ${printableLines(error.message)}\n`);
    return EXIT.negative;
  }
  io.stderr(`error: ${printableLines(messageOf(error))}\n`);
  if (error instanceof CliError && error.hint !== undefined) io.stderr(`  fix: ${printableLines(error.hint)}\n`);
  if (io.env.NEKUBE_DEBUG !== undefined && error instanceof Error) io.stderr(`${error.stack}\n`);
  return EXIT.error;
}
