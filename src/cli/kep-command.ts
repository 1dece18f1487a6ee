import { Command } from 'commander';
import type { Io } from './io.ts';
import { gatesCommand } from './kep/gates-command.ts';
import { historyCommand } from './kep/history-command.ts';
import { lintCommand } from './kep/lint-command.ts';
import { listCommand } from './kep/list-command.ts';
import { searchCommand } from './kep/search-command.ts';
import { showCommand } from './kep/show-command.ts';
import { siteCommand } from './kep/site-command.ts';
import { statsCommand } from './kep/stats-command.ts';
import { syncCommand } from './kep/sync-command.ts';

/** `nekube kep`: one file a subcommand in kep/, which has its flags and help; what it does is loaded when it runs. */
export function kepCommand(io: Io): Command {
  return new Command('kep')
    .summary('Kubernetes Enhancement Proposals')
    .description(
      'Kubernetes Enhancement Proposals, from a checkout of kubernetes/enhancements: found by all that they say, counted, and checked.',
    )
    .helpCommand('help [command]', 'Print the help of a command')
    .addCommand(listCommand(io))
    .addCommand(searchCommand(io))
    .addCommand(showCommand(io))
    .addCommand(historyCommand(io))
    .addCommand(statsCommand(io))
    .addCommand(gatesCommand(io))
    .addCommand(lintCommand(io))
    .addCommand(syncCommand(io))
    .addCommand(siteCommand(io));
}
