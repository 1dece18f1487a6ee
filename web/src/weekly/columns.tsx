import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { type IssueObject, type StoryObject, textOfTitle } from 'nekube/weekly';
import { queryValue, setQuery } from '../app/router.ts';
import type { BoardColumn, PastStory } from './board.ts';
import type { BoardActions } from './board-actions.ts';
import { declinedOf, useBoardKeys } from './board-keys.ts';
import { Column } from './column.tsx';
import { PastStories } from './past-stories.tsx';
import { withCarried } from './spots.ts';
import { titleOf, weeklyTexts as t } from './texts.ts';

interface Props {
  readonly columns: readonly BoardColumn[];
  /** What other issues told that has the words of the filter. */
  readonly past: readonly PastStory[];
  readonly issue: IssueObject | undefined;
  /** The command that begins an issue. */
  readonly begin: string;
  readonly myVotes: ReadonlyMap<string, 'For' | 'Against'>;
  readonly filter: string;
  readonly actions: BoardActions;
  readonly canEdit: boolean;
}

/** The columns of the board. Stories are moved by drag or by keys; the address says which one is chosen. */
export function Columns({ columns, past, issue, begin, myVotes, filter, actions, canEdit }: Props) {
  const chosen = queryValue('story');
  const said = useSignal('');
  const search = useRef<HTMLInputElement | null>(null);
  const carried = useBoardKeys({ columns, actions }, { said, search });
  const drag = { story: useRef<StoryObject | null>(null), over: useSignal<string | undefined>(undefined) };

  const place = (story: StoryObject, column: BoardColumn, index: number): void => {
    said.value = t.moved(textOfTitle(story.spec.title), titleOf(column), index + 1);
    void actions.place(story, column, index);
  };
  const shown = carried.value ? withCarried(columns, carried.value) : columns;
  return (
    <div class="board-view">
      <div class="board-tools">
        <input
          ref={search}
          type="search"
          aria-label={t.filter}
          placeholder={t.filter}
          value={filter}
          onInput={(event) => setQuery({ q: event.currentTarget.value }, { replace: true })}
        />
        {issue === undefined && (
          <p class="soft">
            {t.noIssue}. {t.noIssueBody} <code>{begin}</code>
          </p>
        )}
      </div>
      <p class="hidden" role="status">
        {said.value}
      </p>
      <div class="board">
        {past.length > 0 && <PastStories stories={past} />}
        {shown.map((column) => (
          <Column
            key={column.id}
            column={column}
            chosen={chosen}
            carried={carried.value?.story.metadata.name}
            drag={drag}
            myVotes={myVotes}
            canEdit={canEdit}
            actions={actions}
            onDrop={(story, index) => place(story, column, index)}
            onDecline={(story) => void actions.place(story, declinedOf(shown), 0)}
          />
        ))}
      </div>
    </div>
  );
}
