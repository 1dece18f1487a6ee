import { type AgendaItem, agendaMarkdown, agendaOf, timeOf, textOfTitle } from 'nekube/weekly';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import type { AgendaFlags } from './agenda-command.ts';
import { allStories, issueObject, withNewsroom } from './newsroom.ts';

/** Prints the agenda of an issue's session. @throws CliError if there is no such issue */
export async function printAgenda(number: string, flags: AgendaFlags, io: Io): Promise<void> {
  const { issue, items } = await withNewsroom(flags, io, async (client) => {
    const found = await issueObject(client, number, io.signal);
    return { issue: found, items: agendaOf(found, await allStories(client, io.signal)) };
  });
  if (flags.output === 'json') return io.stdout(`${JSON.stringify(items.map(plain), null, 2)}\n`);
  if (items.length === 0)
    return io.stderr(`No story is accepted for issue ${number}: nekube weekly accept STORY --issue ${number}\n`);
  if (flags.output === 'markdown') return io.stdout(agendaMarkdown(issue, items));
  io.stdout(formatTable([['AT', 'PRESENTER', 'SECTION', 'TITLE', 'URL'], ...items.map(rowOf)]));
}

function rowOf({ story, section, atMinute, presenter }: AgendaItem): readonly string[] {
  return [timeOf(atMinute), presenter ?? '-', section || '-', textOfTitle(story.spec.title), story.spec.url ?? '-'];
}

function plain({ story, ...item }: AgendaItem): object {
  return { ...item, story: story.metadata.name, title: story.spec.title, url: story.spec.url };
}
