import { Command } from 'commander';
import { checkCommand } from './gateway/check-command.ts';
import { explainCommand } from './gateway/explain-command.ts';
import { importCommand } from './gateway/import-command.ts';
import { installCommand } from './gateway/install-command.ts';
import { statusCommand } from './gateway/status-command.ts';
import { translateCommand } from './gateway/translate-command.ts';
import { runCommand } from './gateway/run-command.ts';
import type { Io } from './io.ts';

/** `nekube gateway`: one file a subcommand in gateway/, which has its flags and help; what it does is loaded when it runs. */
export function gatewayCommand(io: Io): Command {
  const command = new Command('gateway')
    .summary('Gateway API: serve it, explain it, check it')
    .description('Gateway API on a real Envoy, and on none.')
    .helpCommand('help [command]', 'Print the help of a command');
  const subcommands = [
    installCommand(io),
    runCommand(io),
    statusCommand(io),
    explainCommand(io),
    translateCommand(io),
    checkCommand(io),
    importCommand(io),
  ];
  for (const subcommand of subcommands) command.addCommand(subcommand);
  return command;
}
