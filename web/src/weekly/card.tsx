import { type StoryObject, textOfTitle } from 'nekube/weekly';
import { Icon } from '../ui/icons.tsx';
import { useTypedValue } from '../ui/typed-value.ts';
import type { BoardCard, BoardColumn } from './board.ts';
import type { BoardActions } from './board-actions.ts';
import { StoryTitle } from './story-title.tsx';
import { weeklyTexts as t } from './texts.ts';

interface Props {
  readonly card: BoardCard;
  readonly column: BoardColumn;
  readonly isChosen: boolean;
  readonly isCarried: boolean;
  readonly myVote: 'For' | 'Against' | undefined;
  readonly canEdit: boolean;
  readonly actions: BoardActions;
  readonly onChoose: () => void;
  readonly onDrag: (isOn: boolean) => void;
  readonly onDecline: () => void;
}

/** A story on the board. */
export function Card({
  card,
  column,
  isChosen,
  isCarried,
  myVote,
  canEdit,
  actions,
  onChoose,
  onDrag,
  onDecline,
}: Props) {
  const { story, rank } = card;
  const { metadata, spec } = story;
  const title = textOfTitle(spec.title);
  return (
    <li
      id={`story-${metadata.name}`}
      class={`board-card ${isChosen ? 'chosen' : ''} ${isCarried ? 'carried' : ''}`}
      tabIndex={isChosen ? 0 : -1}
      draggable={canEdit}
      onFocus={onChoose}
      onClick={onChoose}
      onDragStart={(event) => {
        event.dataTransfer?.setData('text/plain', spec.url ?? title);
        onDrag(true);
      }}
      onDragEnd={() => onDrag(false)}
    >
      <StoryTitle story={story} />
      <Facts story={story} />
      {spec.followsRef && spec.notes && <p class="card-note">{spec.notes}</p>}
      <div class="card-foot">
        <Votes {...{ story, myVote, canEdit, actions }} />
        {rank && <Score rank={rank} />}
        {column.kind === 'section' && <Presenter {...{ story, canEdit, actions }} />}
        {column.kind !== 'declined' && canEdit && (
          <button type="button" class="quiet" aria-label={`${t.decline}: ${title}`} onClick={onDecline}>
            <Icon name="close" />
          </button>
        )}
      </div>
    </li>
  );
}

function Presenter({ story, canEdit, actions }: Pick<Props, 'canEdit' | 'actions'> & { readonly story: StoryObject }) {
  const typed = useTypedValue(story.spec.presenter ?? '', (text) => actions.present(story, text.trim()));
  return (
    <input
      class="presenter"
      aria-label={`${t.presenter}: ${textOfTitle(story.spec.title)}`}
      placeholder={t.nobody}
      disabled={!canEdit}
      {...typed}
      onKeyDown={(event) => {
        // back to the story, so that the next key is the board's; what was typed is kept as the field is left
        if (event.key === 'Enter' && !event.isComposing) event.currentTarget.closest('li')?.focus();
      }}
    />
  );
}

/** Where a story comes from, and what is known of it. */
function Facts({ story }: { readonly story: StoryObject }) {
  const { spec, status } = story;
  const translation = translationOf(story);
  return (
    <p class="card-facts">
      <span translate={false}>{hostOf(story)}</span>
      <Source story={story} />
      {status?.subject && (
        <span class={`badge ${status.subject.state.toLowerCase()}`}>{t.subject(status.subject.state)}</span>
      )}
      {spec.followsRef && <span class="badge">{t.followUp}</span>}
      {translation && (
        <span class="badge warn" title={translation.message}>
          {t.translation(translation.reason)}
        </span>
      )}
      {(status?.duplicateOf ?? []).slice(0, 1).map(({ name, issueNumber }) => (
        <span key={name} class="badge warn">
          {issueNumber === undefined ? t.toldBy(name) : t.toldIn(issueNumber)}
        </span>
      ))}
    </p>
  );
}

function Score({ rank }: { readonly rank: NonNullable<BoardCard['rank']> }) {
  return (
    <span class="score" aria-label={`${t.score} ${shown(rank.score)}`} title={whyOf(rank)}>
      {shown(rank.score)}
    </span>
  );
}

function Votes({
  story,
  myVote,
  canEdit,
  actions,
}: Pick<Props, 'myVote' | 'canEdit' | 'actions'> & { readonly story: StoryObject }) {
  const { votesFor = 0, votesAgainst = 0 } = story.status ?? {};
  const { title } = story.spec;
  return (
    <span class="votes">
      <button
        type="button"
        class="quiet"
        aria-pressed={myVote === 'For'}
        aria-label={t.voteFor(title, votesFor)}
        disabled={!canEdit}
        onClick={() => void actions.vote(story, 'For')}
      >
        <Icon name="up" />
        {votesFor}
      </button>
      <button
        type="button"
        class="quiet"
        aria-pressed={myVote === 'Against'}
        aria-label={t.voteAgainst(title, votesAgainst)}
        disabled={!canEdit}
        onClick={() => void actions.vote(story, 'Against')}
      >
        <Icon name="down" />
        {votesAgainst}
      </button>
    </span>
  );
}

function Source({ story: { spec } }: { readonly story: StoryObject }) {
  const { feedRef, proposedBy } = spec;
  if (feedRef) return <span>{t.from(feedRef.name)}</span>;
  return proposedBy === undefined ? null : <span>{t.byHand(proposedBy)}</span>;
}

/** What is behind in its translations, if anything is. */
function translationOf({ status }: StoryObject): { readonly reason: string; readonly message: string } | undefined {
  return status?.conditions?.find((one) => one.type === 'TranslationsFresh' && one.status === 'False');
}

function whyOf({ votes, source, learned, age }: NonNullable<BoardCard['rank']>): string {
  const [v, s, l, a] = [votes, source, learned, age].map((part) => shown(part)) as [string, string, string, string];
  return t.why(v, s, l, a);
}

function hostOf({ spec: { url } }: StoryObject): string {
  return url !== undefined && URL.canParse(url) ? new URL(url).host.replace(/^www\./, '') : '';
}

function shown(score: number): string {
  return score.toFixed(1).replace(/^-0\.0$/, '0.0');
}
