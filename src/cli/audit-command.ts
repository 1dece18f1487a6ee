import { Command } from 'commander';
import { attachCommand } from './audit/attach-command.ts';
import { chartCommand } from './audit/chart-command.ts';
import { logCommand } from './audit/log-command.ts';
import { runCommand } from './audit/run-command.ts';
import type { Io } from './io.ts';

/** `nekube audit`: one file a subcommand in audit/, which has its flags and help; what it does is loaded when it runs. */
export function auditCommand(io: Io): Command {
  return new Command('audit')
    .summary('What a program does on the API, against what it may')
    .description('What a program does on the API, against what it may do: least privilege, from evidence.')
    .helpCommand('help [command]', 'Print the help of a command')
    .addCommand(runCommand(io))
    .addCommand(chartCommand(io))
    .addCommand(attachCommand(io))
    .addCommand(logCommand(io));
}
