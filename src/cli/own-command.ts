import { Command } from 'commander';
import type { Io } from './io.ts';
import { applyCommand } from './own/apply-command.ts';
import { blameCommand } from './own/blame-command.ts';
import { installPluginCommand } from './own/install-plugin-command.ts';
import { matrixCommand } from './own/matrix-command.ts';
import { migrateCommand } from './own/migrate-command.ts';
import { planCommand } from './own/plan-command.ts';
import { takeoverCommand } from './own/takeover-command.ts';
import { explainCommand } from './own/explain-command.ts';
import { installCommand, uninstallCommand } from './own/install-command.ts';
import { conflictsCommand, resolveCommand } from './own/resolve-command.ts';
import { historyCommand } from './own/history-command.ts';
import { watchCommand } from './own/watch-command.ts';

const EXAMPLES = `
As \`kubectl own\`: nekube own install-plugin puts kubectl-own on PATH.`;

/** `nekube own`: one file a subcommand in own/, which has its flags and help; what it does is loaded when it runs. */
export function ownCommand(io: Io): Command {
  const command = new Command('own')
    .summary('Who owns which field, who fights over it, and what an apply would do')
    .description(
      'Who owns which field of objects, who is in conflict with whom, and what an apply would do about it; on any cluster.',
    )
    .helpCommand('help [command]', 'Print the help of a command')
    .addHelpText('after', EXAMPLES);
  const subcommands = [
    applyCommand(io),
    blameCommand(io),
    conflictsCommand(io),
    explainCommand(io),
    historyCommand(io),
    installCommand(io),
    matrixCommand(io),
    migrateCommand(io),
    planCommand(io),
    resolveCommand(io),
    takeoverCommand(io),
    uninstallCommand(io),
    watchCommand(io),
    installPluginCommand(io),
  ];
  for (const subcommand of subcommands) command.addCommand(subcommand);
  return command;
}
