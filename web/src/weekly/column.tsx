import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import type { StoryObject } from 'nekube/weekly';
import { setQuery } from '../app/router.ts';
import type { BoardColumn } from './board.ts';
import type { BoardActions } from './board-actions.ts';
import { Card } from './card.tsx';
import { titleOf, weeklyTexts as t } from './texts.ts';

/** What is dragged over the board, and where to. */
export interface Drag {
  readonly story: RefObject<StoryObject | null>;
  /** The column that it is over, by its id. */
  readonly over: Signal<string | undefined>;
}

interface Props {
  readonly column: BoardColumn;
  /** The names of the story that is chosen, and of the one that keys carry. */
  readonly chosen: string | undefined;
  readonly carried: string | undefined;
  readonly drag: Drag;
  readonly myVotes: ReadonlyMap<string, 'For' | 'Against'>;
  readonly canEdit: boolean;
  readonly actions: BoardActions;
  readonly onDrop: (story: StoryObject, index: number) => void;
  readonly onDecline: (story: StoryObject) => void;
}

/** A column of the board, in which stories are dropped. */
export function Column({ column, chosen, carried, drag, onDrop, onDecline, myVotes, canEdit, actions }: Props) {
  const drop = (event: DragEvent & { readonly currentTarget: HTMLElement }): void => {
    event.preventDefault();
    const story = drag.story.current;
    drag.story.current = null;
    drag.over.value = undefined;
    if (story && canEdit) onDrop(story, indexAt(event.currentTarget, event.clientY, story));
  };
  return (
    <section
      class={`board-column ${column.kind} ${drag.over.value === column.id ? 'target' : ''}`}
      aria-labelledby={`column-${column.id}`}
      onDragOver={(event) => {
        if (!canEdit || drag.story.current === null) return;
        event.preventDefault();
        drag.over.value = column.id;
      }}
      onDrop={drop}
    >
      <h2 id={`column-${column.id}`}>
        <span>{titleOf(column)}</span>
        <span class="count" aria-label={t.stories(column.cards.length)}>
          {column.cards.length}
        </span>
      </h2>
      <ul>
        {column.cards.map((card) => (
          <Card
            key={card.story.metadata.name}
            card={card}
            column={column}
            isChosen={card.story.metadata.name === (carried ?? chosen)}
            isCarried={card.story.metadata.name === carried}
            myVote={myVotes.get(card.story.metadata.name!)}
            canEdit={canEdit}
            actions={actions}
            onChoose={() => setQuery({ story: card.story.metadata.name }, { replace: true })}
            onDrag={(isOn) => {
              drag.story.current = isOn ? card.story : null;
              if (!isOn) drag.over.value = undefined;
            }}
            onDecline={() => onDecline(card.story)}
          />
        ))}
      </ul>
      {column.cards.length === 0 && <p class="soft">{t.nothingHere}</p>}
    </section>
  );
}

/** Before which card of a column a pointer is, not counting the one that is dragged. */
function indexAt(column: HTMLElement, y: number, dragged: StoryObject): number {
  const cards = [...column.querySelectorAll<HTMLElement>('.board-card')].filter(
    (card) => card.id !== `story-${dragged.metadata.name}`,
  );
  const before = cards.findIndex((card) => {
    const { top, height } = card.getBoundingClientRect();
    return y < top + height / 2;
  });
  return before < 0 ? cards.length : before;
}
