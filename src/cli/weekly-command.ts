import { Command } from 'commander';
import type { Io } from './io.ts';
import { addCommand } from './weekly/add-command.ts';
import { agendaCommand } from './weekly/agenda-command.ts';
import { collectCommand } from './weekly/collect-command.ts';
import { acceptCommand, declineCommand } from './weekly/decide-command.ts';
import { feedCommand } from './weekly/feed-command.ts';
import { importCommand } from './weekly/import-command.ts';
import { installCommand } from './weekly/install-command.ts';
import { listCommand } from './weekly/list-command.ts';
import { newCommand } from './weekly/new-command.ts';
import { publishCommand } from './weekly/publish-command.ts';
import { renderCommand } from './weekly/render-command.ts';
import { runCommand } from './weekly/run-command.ts';
import { searchCommand } from './weekly/search-command.ts';
import { subscribeCommand } from './weekly/subscribe-command.ts';
import { translateCommand } from './weekly/translate-command.ts';
import { voteCommand } from './weekly/vote-command.ts';

/** `nekube weekly`: one file a subcommand in weekly/, which has its flags and help; what it does is loaded when it runs. */
export function weeklyCommand(io: Io): Command {
  return new Command('weekly')
    .summary("A team's digest: from feeds to a published issue")
    .description(
      "A team's digest of articles and pull requests: stories are collected, proposed, voted for, presented, written and published.",
    )
    .helpCommand('help [command]', 'Print the help of a command')
    .addCommand(installCommand(io))
    .addCommand(runCommand(io))
    .addCommand(subscribeCommand(io))
    .addCommand(collectCommand(io))
    .addCommand(addCommand(io))
    .addCommand(listCommand(io))
    .addCommand(voteCommand(io))
    .addCommand(newCommand(io))
    .addCommand(acceptCommand(io))
    .addCommand(declineCommand(io))
    .addCommand(agendaCommand(io))
    .addCommand(importCommand(io))
    .addCommand(renderCommand(io))
    .addCommand(translateCommand(io))
    .addCommand(publishCommand(io))
    .addCommand(feedCommand(io))
    .addCommand(searchCommand(io));
}
