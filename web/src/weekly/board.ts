import {
  type IssueObject,
  inOrder,
  orderBetween,
  rankStories,
  type RankedStory,
  type StoryObject,
  textOfTitle,
} from 'nekube/weekly';

/** A column of the board: what is proposed, a section of the issue, what is declined. */
export interface BoardColumn {
  readonly id: string;
  readonly kind: 'proposed' | 'section' | 'declined';
  /** Of a section; the others have theirs in each language. */
  readonly title?: string;
  readonly cards: readonly BoardCard[];
}

/** A story on the board. The rank is that of a proposal. */
export interface BoardCard {
  readonly story: StoryObject;
  readonly rank?: RankedStory['rank'];
}

/** So many of those that were declined are shown, the last. */
const DECLINED_LIMIT = 30;

/** What the board is made of. */
export interface BoardParts {
  readonly stories: readonly StoryObject[];
  readonly issue: IssueObject | undefined;
  readonly weights: ReadonlyMap<string, number>;
  readonly now: Date;
  /** Words that a title, an address or a source must have; empty: all. */
  readonly filter: string;
}

/** The columns of the board for an issue, and each story where it is. */
export function boardOf({ stories, issue, weights, now, filter }: BoardParts): readonly BoardColumn[] {
  const shown = stories.filter((story) => fits(story, filter));
  const own = shown.filter(({ spec }) => spec.state === 'Accepted' && spec.issueRef?.name === issue?.metadata.name);
  const sections = issue?.spec.sections ?? [];
  // ranks are by all stories, whatever is filtered
  const wanted = new Set(shown);
  const proposed = rankStories(stories, weights, now).filter(({ story }) => wanted.has(story));
  return [
    { id: 'proposed', kind: 'proposed', cards: proposed },
    ...sections.map(({ id, title }, i) => ({
      id: `section-${id}`,
      kind: 'section' as const,
      title,
      cards: own
        .filter(({ spec }) =>
          spec.section === undefined || !sections.some((one) => one.id === spec.section)
            ? i === 0
            : spec.section === id,
        )
        .sort(inOrder)
        .map((story) => ({ story })),
    })),
    { id: 'declined', kind: 'declined', cards: lastDeclined(shown).map((story) => ({ story })) },
  ];
}

function lastDeclined(stories: readonly StoryObject[]): readonly StoryObject[] {
  return stories
    .filter(({ spec }) => spec.state === 'Declined')
    .sort((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? 1 : -1))
    .slice(0, DECLINED_LIMIT);
}

/** A story that another issue told. */
export interface PastStory {
  readonly story: StoryObject;
  /** Of the issue. */
  readonly number: number;
}

/** So many of those that were told are shown, of the latest issues. */
const PAST_LIMIT = 50;

/** What other issues told that has the words of the filter, also in its text; the latest first, and nothing without words. */
export function pastStories(
  stories: readonly StoryObject[],
  issues: readonly IssueObject[],
  shown: IssueObject | undefined,
  filter: string,
): readonly PastStory[] {
  if (filter.trim() === '') return [];
  const numbers = new Map(issues.map(({ metadata, spec }) => [metadata.name, spec.number]));
  return stories
    .flatMap((story): PastStory[] => {
      const { state, issueRef, blocks = [] } = story.spec;
      const number = numbers.get(issueRef?.name);
      if (state !== 'Accepted' || number === undefined || issueRef?.name === shown?.metadata.name) return [];
      return fits(story, filter, blocks.map(({ text = '' }) => text).join(' ')) ? [{ story, number }] : [];
    })
    .sort((a, b) => b.number - a.number || inOrder(a.story, b.story))
    .slice(0, PAST_LIMIT);
}

function fits({ spec }: StoryObject, filter: string, more = ''): boolean {
  const text =
    `${textOfTitle(spec.title)} ${spec.url ?? ''} ${spec.feedRef?.name ?? ''} ${spec.presenter ?? ''} ${more}`
      .normalize('NFKC')
      .toLowerCase();
  return filter
    .normalize('NFKC')
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What has to be decided so that a story is where it was put; several where a section has to be numbered anew. */
export interface Placement {
  readonly story: StoryObject;
  readonly decision: {
    readonly state: 'Accepted' | 'Declined' | 'Proposed';
    readonly issueRef?: { readonly name: string };
    readonly section?: string;
    readonly order?: number;
  };
}

/** The decisions that put a story at a place of a column, as `index` of its other cards. Empty: it is there. */
export function placementsOf(
  story: StoryObject,
  column: BoardColumn,
  index: number,
  issue: IssueObject | undefined,
): readonly Placement[] {
  if (column.kind === 'declined')
    return story.spec.state === 'Declined' ? [] : [{ story, decision: { state: 'Declined' } }];
  if (column.kind === 'proposed')
    return (story.spec.state ?? 'Proposed') === 'Proposed' ? [] : [{ story, decision: { state: 'Proposed' } }];
  if (issue === undefined) return [];
  const cards = column.cards.map((card) => card.story);
  const others = cards.filter((one) => one.metadata.name !== story.metadata.name);
  if (cards[index]?.metadata.name === story.metadata.name) return [];
  const where = {
    state: 'Accepted',
    issueRef: { name: issue.metadata.name! },
    section: column.id.slice('section-'.length),
  } as const;
  const [before, after] = [others[index - 1], others[index]];
  const isNumbered = [before, after].every((one) => one === undefined || one.spec.order !== undefined);
  const order = isNumbered ? orderBetween(before?.spec.order, after?.spec.order) : undefined;
  if (order !== undefined) return [{ story, decision: { ...where, order } }];
  const all = others.toSpliced(index, 0, story);
  return all.map((one, i) => ({ story: one, decision: { ...where, order: (i + 1) * 10 } }));
}
