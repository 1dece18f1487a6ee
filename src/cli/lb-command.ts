import { Command } from 'commander';
import type { Io } from './io.ts';
import { agentCommand } from './lb/agent-command.ts';
import { checkCommand } from './lb/check-command.ts';
import { listCommand } from './lb/list-command.ts';
import { mapsCommand } from './lb/maps-command.ts';
import { testRunCommand } from './lb/test-run-command.ts';
import { topCommand } from './lb/top-command.ts';
import { traceCommand } from './lb/trace-command.ts';
import { uninstallCommand } from './lb/uninstall-command.ts';

/** `nekube lb`: one file a subcommand in lb/, which has its flags and help; what it does is loaded when it runs. */
export function lbCommand(io: Io): Command {
  const command = new Command('lb')
    .summary('Load balancing of Services in the kernel: run it, see it, check it')
    .description('Load balancing of Services by eBPF programs on nodes.')
    .helpCommand('help [command]', 'Print the help of a command');
  const subcommands = [
    agentCommand(io),
    listCommand(io),
    mapsCommand(io),
    checkCommand(io),
    topCommand(io),
    traceCommand(io),
    testRunCommand(io),
    uninstallCommand(io),
  ];
  for (const subcommand of subcommands) command.addCommand(subcommand);
  return command;
}
