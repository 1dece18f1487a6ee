import {
  atomFeed,
  type ChangeOfKep,
  changeText,
  HISTORY_FIELDS,
  jsonFeed,
  type Kep,
  type SiteContent,
} from 'nekube/kep';
import { CliError, type Io, messageOf } from '../io.ts';
import { formatTable } from '../table.ts';
import type { HistoryFlags } from './history-command.ts';
import { filtered, withKeps } from './source.ts';

/**
 * Prints what changed in the KEPs that fit, the oldest first; a feed has the newest first.
 *
 * @throws CliError for wrong flags, and where there is no history
 */
export async function printHistory(words: readonly string[], flags: HistoryFlags, io: Io): Promise<void> {
  const { since, until } = flags;
  for (const field of flags.field ?? [])
    if (!HISTORY_FIELDS.includes(field))
      throw new CliError(`no field ${JSON.stringify(field)} has a history`, {
        hint: `--field takes ${HISTORY_FIELDS.join(', ')}`,
      });
  const numbers = words.length === 1 && /^\d+$/.test(words[0]!) ? [`number:${words[0]}`] : words;
  const all = await withKeps(flags, io, (content) => {
    const wanted = filtered(content, numbers, flags, io);
    return wanted.length === 0 ? undefined : changesIn(content, wanted);
  });
  if (all === undefined && flags.output === 'text') return io.stderr('No KEPs found.\n');
  const changes = (all ?? []).filter(
    ({ change: { time, field } }) =>
      (since === undefined || time.slice(0, 10) >= since) &&
      (until === undefined || time.slice(0, 10) <= until) &&
      (flags.field === undefined || flags.field.includes(field)),
  );
  if (flags.output === 'atom') return io.stdout(atomFeed(changes));
  if (flags.output === 'jsonfeed') return io.stdout(`${JSON.stringify(jsonFeed(changes), null, 2)}\n`);
  if (flags.output === 'json') {
    const items = changes.map(({ kep, change }) => ({ kep: kep.name, number: kep.number, ...change }));
    return io.stdout(`${JSON.stringify({ changes: items }, null, 2)}\n`);
  }
  if (changes.length === 0) return io.stderr('Nothing changed.\n');
  io.stdout(formatTable([['DAY', 'KEP', 'CHANGE', 'PULL REQUEST', 'COMMIT'], ...changes.map(rowOf)]));
}

function changesIn(content: SiteContent, wanted: readonly Kep[]): readonly ChangeOfKep[] {
  try {
    const histories = content.histories();
    const all = wanted.flatMap((kep) => (histories.get(kep.name)?.changes ?? []).map((change) => ({ kep, change })));
    return all.sort((a, b) => (a.change.time < b.change.time ? -1 : a.change.time > b.change.time ? 1 : 0));
  } catch (error) {
    throw new CliError(messageOf(error), { cause: error, hint: 'The checkout must be a clone with its history' });
  }
}

function rowOf({ kep, change }: ChangeOfKep): readonly string[] {
  const { time, pullRequest, commit } = change;
  const request = pullRequest === undefined ? '-' : `#${pullRequest}`;
  return [time.slice(0, 10), kep.name, changeText(change), request, commit.slice(0, 8)];
}
