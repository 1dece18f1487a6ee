import { stringifyYaml } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import {
  agendaOf,
  FEED,
  type RankedStory,
  rankStories,
  type StoryObject,
  storyTranslations,
  textOfTitle,
  WEEKLY_API,
} from 'nekube/weekly';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import { allStories, issueObject, withNewsroom } from './newsroom.ts';
import type { ListFlags } from './list-command.ts';

/** Prints stories. @throws CliError for wrong flags, and when the server does not answer */
export async function listStories(flags: ListFlags, io: Io): Promise<void> {
  const { ranked, namespace } = await withNewsroom(flags, io, async (client) => ({
    ranked: await chosen(client, flags, io),
    namespace: client.defaultNamespace,
  }));
  const stories = ranked.map(({ story }) => story);
  if (flags.output === 'json') return io.stdout(`${JSON.stringify(listOf(stories), null, 2)}\n`);
  if (flags.output === 'yaml') return io.stdout(stringifyYaml(listOf(stories) as never));
  if (flags.output === 'name')
    return io.stdout(stories.map(({ metadata }) => `story.weekly.nekube.dev/${metadata.name}\n`).join(''));
  if (ranked.length === 0) return io.stderr(`No stories found in ${namespace} namespace.\n`);
  io.stdout(formatTable([headOf(flags), ...ranked.map((one) => rowOf(one, flags))], { right: [0] }));
}

/** Stories with their ranks; those of an issue in its order, which has no score. */
type Chosen = readonly (Pick<RankedStory, 'story'> & Partial<RankedStory>)[];

async function chosen(client: Client, { issue, declined }: ListFlags, { signal }: Io): Promise<Chosen> {
  const where = { namespace: client.defaultNamespace, signal };
  const stories = await allStories(client, signal);
  if (issue !== undefined) return agendaOf(await issueObject(client, issue, signal), stories);
  if (declined) return stories.filter(({ spec }) => spec.state === 'Declined').map((story) => ({ story }));
  const { items: feeds } = await client.list(FEED, where);
  const weights = new Map(feeds.map(({ metadata, spec }) => [metadata.name!, spec.weightPercent ?? 100]));
  return rankStories(stories, weights, new Date());
}

function headOf({ output, why }: ListFlags): readonly string[] {
  return [
    'SCORE',
    'NAME',
    'TITLE',
    'VOTES',
    'FROM',
    ...(output === 'wide' ? ['PUBLISHED', 'TRANSLATED', 'URL'] : []),
    ...(why ? ['WHY'] : []),
  ];
}

function rowOf({ story, rank }: Chosen[number], { output, why }: ListFlags): readonly string[] {
  const { metadata, spec, status } = story;
  const { votesFor = 0, votesAgainst = 0 } = status ?? {};
  return [
    rank === undefined ? '-' : rank.score.toFixed(2).replace(/^-0\.00$/, '0.00'),
    metadata.name!,
    textOfTitle(spec.title),
    votesAgainst === 0 ? `${votesFor}` : `${votesFor} : ${votesAgainst}`,
    spec.feedRef?.name ?? spec.proposedBy ?? '-',
    ...(output === 'wide' ? [spec.publishedTime?.slice(0, 10) ?? '-', translatedTo(story), spec.url ?? '-'] : []),
    ...(why ? [reasonOf(rank)] : []),
  ];
}

/** As `en, de: 2 stale`. */
function translatedTo(story: StoryObject): string {
  const languages = [...new Set((story.spec.translations ?? []).map(({ language }) => language))].sort();
  const states = storyTranslations(story);
  const shown = languages.map((language) => {
    const behind = (['stale', 'missing'] as const).flatMap((state) => {
      const count = states.filter((one) => one.language === language && one.state === state).length;
      return count === 0 ? [] : [`${count} ${state}`];
    });
    return behind.length === 0 ? language : `${language}: ${behind.join(', ')}`;
  });
  return shown.join('; ') || '-';
}

function reasonOf(rank: RankedStory['rank'] | undefined): string {
  if (rank === undefined) return '-';
  const { votes, source, learned, age, because } = rank;
  const parts = Object.entries({ votes, source, learned, age }).filter(([, value]) => Math.abs(value) >= 0.005);
  const features = because.map(({ feature }) => feature);
  const shown = parts.map(
    ([name, value]) =>
      `${name} ${value > 0 ? '+' : ''}${value.toFixed(2)}${name === 'learned' ? ` (${features.join(', ')})` : ''}`,
  );
  return shown.join(', ') || '-';
}

function listOf(items: readonly StoryObject[]): object {
  return { apiVersion: WEEKLY_API, kind: 'StoryList', metadata: {}, items };
}
