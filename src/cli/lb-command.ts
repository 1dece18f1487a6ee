import { Command } from 'commander';
import type { Io } from './io.ts';
import { checkCommand } from './lb/check-command.ts';
import { testRunCommand } from './lb/test-run-command.ts';

/** `nekube lb`: one file a subcommand in lb/, which has its flags and help; what it does is loaded when it runs. */
export function lbCommand(io: Io): Command {
  const command = new Command('lb')
    .summary('Load balancing of Services in the kernel: run it, see it, check it')
    .description('Load balancing of Services by eBPF programs on nodes.')
    .helpCommand('help [command]', 'Print the help of a command');
  const subcommands = [checkCommand(io), testRunCommand(io)];
  for (const subcommand of subcommands) command.addCommand(subcommand);
  return command;
}
