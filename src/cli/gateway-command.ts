import { Command } from 'commander';
import { importCommand } from './gateway/import-command.ts';
import { installCommand } from './gateway/install-command.ts';
import type { Io } from './io.ts';

/** `nekube gateway`: one file a subcommand in gateway/, which has its flags and help; what it does is loaded when it runs. */
export function gatewayCommand(io: Io): Command {
  const command = new Command('gateway')
    .summary('Gateway API: serve it, explain it, check it')
    .description('Gateway API on a real Envoy, and on none.')
    .helpCommand('help [command]', 'Print the help of a command');
  for (const subcommand of [importCommand(io), installCommand(io)]) command.addCommand(subcommand);
  return command;
}
