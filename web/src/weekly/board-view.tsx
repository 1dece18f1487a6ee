import { useMemo, useRef } from 'preact/hooks';
import {
  agendaOf,
  type Decision,
  editorName,
  isVoteOf,
  type IssueObject,
  type StoryObject,
  withVotes,
} from 'nekube/weekly';
import { kindAt, kinds } from '../api/discovery.ts';
import { session } from '../api/session.ts';
import type { ViewProps } from '../app/registry.ts';
import { queryValue, setQuery } from '../app/router.ts';
import { moment, shownRevision } from '../app/time.ts';
import { useTopBar } from '../app/top-bar.tsx';
import { useLeave } from '../ui/leave.ts';
import { Notice } from '../ui/notice.tsx';
import { toast } from '../ui/toasts.tsx';
import { AgendaList } from './agenda-list.tsx';
import { type BoardColumn, boardOf, pastStories, placementsOf } from './board.ts';
import { type AskConflict, type BoardActions, decide, keepNotes, vote } from './board-actions.ts';
import { Columns } from './columns.tsx';
import { askConflict, ConflictQuestions, leaveConflicts } from './conflict-questions.tsx';
import { InTurn } from './in-turn.ts';
import { type Newsroom, STORIES, useNewsroom } from './newsroom.ts';
import { weeklyTexts as t } from './texts.ts';

const DEFAULT_NAMESPACE = 'default';
const BEGIN = 'nekube weekly new';

/** The board of an issue where the server has newsrooms; what it does not serve is not asked for. */
export default function BoardView({ params: { namespace = DEFAULT_NAMESPACE } }: ViewProps) {
  if (kinds.value === undefined) return <div class="pending" role="status" />;
  return kindAt(STORIES.group, STORIES.version, STORIES.resource) ? (
    <NewsroomView namespace={namespace} />
  ) : (
    <NotInstalled />
  );
}

/** The board of an issue: what is proposed, what it tells, what is declined; and its agenda. */
function NewsroomView({ namespace }: { readonly namespace: string }) {
  const newsroom = useNewsroom(namespace, shownRevision.value);
  const issues = [...newsroom.issues.items.value.values()].sort((a, b) => b.spec.number - a.spec.number);
  const wanted = Number(queryValue('issue'));
  const issue = issues.find(({ spec }) => spec.number === wanted) ?? issues[0];
  const isAgenda = queryValue('view') === 'agenda';
  useTopBar(<BoardBar issues={issues} issue={issue} isAgenda={isAgenda} />, t.weekly);
  const failure = newsroom.stories.failure.value;
  if (failure?.code === 404) return <NotInstalled />;
  if (failure?.code === 403)
    return (
      <Notice icon="lock" title={t.forbidden}>
        {failure.message}
      </Notice>
    );
  if (!newsroom.stories.isLoaded.value || !newsroom.issues.isLoaded.value) return <div class="pending" role="status" />;
  return <IssueBoard newsroom={newsroom} issue={issue} isAgenda={isAgenda} />;
}

function NotInstalled() {
  useTopBar(<h1>{t.weekly}</h1>, t.weekly);
  return (
    <Notice icon="warning" title={t.notInstalled}>
      <p>{t.notInstalledBody}</p>
      <code>nekube weekly install</code>
    </Notice>
  );
}

interface Chosen {
  readonly issue: IssueObject | undefined;
  readonly isAgenda: boolean;
}

/** Which issue is shown, and whether as a board or as an agenda. */
function BoardBar({ issues, issue, isAgenda }: Chosen & { readonly issues: readonly IssueObject[] }) {
  return (
    <>
      <h1>{t.weekly}</h1>
      {issues.length > 0 && (
        <select
          class="quiet"
          aria-label={t.issue}
          value={issue?.spec.number}
          onChange={(event) => setQuery({ issue: event.currentTarget.value })}
        >
          {issues.map(({ spec }) => (
            <option key={spec.number} value={spec.number}>
              {t.issueOf(spec.number, spec.title)}
            </option>
          ))}
        </select>
      )}
      <div class="segments" role="group" aria-label={t.weekly}>
        <button type="button" class="quiet" aria-pressed={!isAgenda} onClick={() => setQuery({ view: undefined })}>
          {t.board}
        </button>
        <button type="button" class="quiet" aria-pressed={isAgenda} onClick={() => setQuery({ view: 'agenda' })}>
          {t.agenda}
        </button>
      </div>
    </>
  );
}

/** Stories with the votes that are there now; where these may not be read, with those that the newsroom's controllers counted. */
function storiesWithVotes({ stories, votes }: Newsroom): readonly StoryObject[] {
  const all = [...stories.items.value.values()];
  const isKnown = votes.isLoaded.value && votes.failure.value?.code !== 403;
  return isKnown ? withVotes(all, [...votes.items.value.values()]) : all;
}

function IssueBoard({ newsroom, issue, isAgenda }: Chosen & { readonly newsroom: Newsroom }) {
  const { value: now } = session;
  const username = now.state === 'open' ? now.info.user.username : '';
  const canEdit = moment.value.state === 'now';
  const stories = storiesWithVotes(newsroom);
  const filter = queryValue('q') ?? '';
  const weights = new Map(
    [...newsroom.feeds.items.value.values()].map(({ metadata, spec }) => [metadata.name!, spec.weightPercent ?? 100]),
  );
  const columnsOf = (of: readonly StoryObject[]) => boardOf({ stories: of, issue, weights, now: new Date(), filter });
  const columns = columnsOf(stories);
  const votes = [...newsroom.votes.items.value.values()].filter((one) => isVoteOf(one, username));
  const myVotes = new Map(votes.map(({ spec }) => [spec.storyRef.name, spec.value]));
  const actions = useBoardActions(newsroom, { username, issue, columnsOf });
  return (
    <>
      {isAgenda && issue ? (
        <AgendaList items={agendaOf(issue, stories)} actions={actions} canEdit={canEdit} />
      ) : (
        <Columns
          columns={columns}
          past={pastStories(stories, [...newsroom.issues.items.value.values()], issue, filter)}
          issue={issue}
          begin={newsroom.namespace === DEFAULT_NAMESPACE ? BEGIN : `${BEGIN} -n ${newsroom.namespace}`}
          myVotes={myVotes}
          filter={filter}
          actions={actions}
          canEdit={canEdit}
        />
      )}
      <ConflictQuestions />
    </>
  );
}

/** Who acts on a board, and what is on it. */
interface Acting {
  readonly username: string;
  readonly issue: IssueObject | undefined;
  readonly columnsOf: (stories: readonly StoryObject[]) => readonly BoardColumn[];
}

/** What is done with stories, one thing after the other: of what was decided a moment ago the server may not have told yet. */
function useBoardActions(newsroom: Newsroom, { username, issue, columnsOf }: Acting): BoardActions {
  const editor = editorName(username);
  const isLeft = useRef(false);
  const inTurn = useMemo(() => new InTurn(), []);
  useLeave(() => {
    isLeft.current = true;
    leaveConflicts();
  });
  const ask: AskConflict = async (message) => !isLeft.current && (await askConflict(message));
  const apply = async (name: string, decision: Decision): Promise<void> => {
    // an apply of what is gone would make it anew, and one of what it was before would take back what was decided since
    const story = newsroom.stories.items.peek().get(name);
    if (story === undefined) return toast(t.storyGone, 'bad');
    const kept = await decide(story, editor, decision, ask);
    if (kept) newsroom.stories.put(kept);
  };
  return {
    place: (story, column, index) =>
      inTurn.run(async () => {
        const now = newsroom.stories.items.peek();
        const to = columnsOf([...now.values()]).find(({ id }) => id === column.id) ?? column;
        const known = now.get(story.metadata.name!) ?? story;
        for (const { story: moved, decision } of placementsOf(known, to, index, issue))
          await apply(moved.metadata.name!, decision);
      }),
    present: (story, presenter) => inTurn.run(() => apply(story.metadata.name!, { presenter })),
    vote: (story, value) =>
      inTurn.run(async () => {
        // whether it takes back one of before is not known earlier
        if (await newsroom.votes.loaded()) await vote(story, username, value, newsroom.votes);
      }),
    note: (story, notes) =>
      inTurn.run(async () => {
        const kept = await keepNotes(story, editor, notes);
        if (kept) newsroom.stories.put(kept);
      }),
  };
}
