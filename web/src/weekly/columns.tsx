import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { IssueObject, StoryObject } from 'nekube/weekly';
import { useKeys } from '../app/keyboard.ts';
import type { Key } from '../app/registry.ts';
import { queryValue, setQuery } from '../app/router.ts';
import type { BoardColumn, PastStory } from './board.ts';
import { Card } from './card.tsx';
import { moved, type Spot, spotOf, withCarried } from './spots.ts';
import { PastStories } from './past-stories.tsx';
import { weeklyTexts as t } from './texts.ts';

/** What can be done with a story. */
export interface BoardActions {
  readonly place: (story: StoryObject, column: BoardColumn, index: number) => Promise<void>;
  readonly present: (story: StoryObject, presenter: string) => Promise<void>;
  readonly vote: (story: StoryObject, value: 'For' | 'Against') => Promise<void>;
  readonly note: (story: StoryObject, notes: string) => Promise<void>;
}

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
  /** A story that is carried by keys, and where it would be put. */
  const carried = useSignal<({ readonly story: StoryObject } & Spot) | undefined>(undefined);
  const dragged = useRef<StoryObject | undefined>(undefined);
  const target = useSignal<string | undefined>(undefined);
  const said = useSignal('');
  const search = useRef<HTMLInputElement>(null);
  const latest = useRef({ columns, chosen, actions, canEdit });
  latest.current = { columns, chosen, actions, canEdit };

  const keys = useMemo<readonly Key[]>(() => {
    const spot = (): Spot | undefined => spotOf(latest.current.columns, latest.current.chosen);
    const story = (): StoryObject | undefined => {
      const at = spot();
      return at && latest.current.columns[at.column]?.cards[at.index]?.story;
    };
    const go = (across: number, down: number) => (): void | false => {
      const { columns: now } = latest.current;
      if (carried.value)
        carried.value = { story: carried.value.story, ...moved(now, carried.value, across, down, true) };
      else choose(now, moved(now, spot() ?? { column: 0, index: across === 0 ? -1 : 0 }, across, down, false));
    };
    const hold = (): void | false => {
      const at = spot();
      const held = story();
      if (carried.value) {
        const { story: what, column, index } = carried.value;
        const to = latest.current.columns[column]!;
        carried.value = undefined;
        said.value = t.moved(what.spec.title, titleOf(to), index + 1);
        void latest.current.actions.place(what, to, index);
      } else if (at && held && latest.current.canEdit) {
        carried.value = { story: held, ...at };
        said.value = t.grabbed(held.spec.title);
      } else return false;
    };
    const onStory = (act: (one: StoryObject) => unknown) => (): void | false => {
      const one = story();
      if (one === undefined || !latest.current.canEdit) return false;
      act(one);
    };
    const declined = (): BoardColumn => latest.current.columns.find(({ kind }) => kind === 'declined')!;
    return [
      { keys: 'ArrowUp', title: () => t.keyUp, run: go(0, -1) },
      { keys: 'ArrowDown', title: () => t.keyDown, run: go(0, 1) },
      { keys: 'ArrowLeft', title: () => t.keyLeft, run: go(-1, 0) },
      { keys: 'ArrowRight', title: () => t.keyRight, run: go(1, 0) },
      { keys: 'k', title: () => t.keyUp, run: go(0, -1) },
      { keys: 'j', title: () => t.keyDown, run: go(0, 1) },
      { keys: 'h', title: () => t.keyLeft, run: go(-1, 0) },
      { keys: 'l', title: () => t.keyRight, run: go(1, 0) },
      { keys: 'Space', title: () => t.keyHold, run: hold },
      {
        keys: 'Escape',
        title: () => t.keyHold,
        run: () => {
          if (!carried.value) return false;
          said.value = t.putBack(carried.value.story.spec.title);
          carried.value = undefined;
        },
      },
      { keys: 'v', title: () => t.keyVoteFor, run: onStory((one) => void latest.current.actions.vote(one, 'For')) },
      {
        keys: 'V',
        title: () => t.keyVoteAgainst,
        run: onStory((one) => void latest.current.actions.vote(one, 'Against')),
      },
      {
        keys: 'x',
        title: () => t.keyDecline,
        run: onStory((one) => void latest.current.actions.place(one, declined(), 0)),
      },
      { keys: 'p', title: () => t.keyPresenter, run: onStory((one) => cardOf(one)?.querySelector('input')?.focus()) },
      { keys: 'o', title: () => t.keyOpen, run: onStory((one) => cardOf(one)?.querySelector('a')?.click()) },
      { keys: '/', title: () => t.filter, run: () => search.current?.focus() },
    ];
  }, []);
  useKeys(keys);

  const shown = carried.value ? withCarried(columns, carried.value) : columns;
  const drop = (column: BoardColumn, index: number): void => {
    const what = dragged.current;
    dragged.current = undefined;
    target.value = undefined;
    if (what === undefined || !canEdit) return;
    said.value = t.moved(what.spec.title, titleOf(column), index + 1);
    void actions.place(what, column, index);
  };
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
          <section
            key={column.id}
            class={`board-column ${column.kind} ${target.value === column.id ? 'target' : ''}`}
            aria-labelledby={`column-${column.id}`}
            onDragOver={(event) => {
              if (!canEdit || dragged.current === undefined) return;
              event.preventDefault();
              target.value = column.id;
            }}
            onDrop={(event) => {
              event.preventDefault();
              drop(column, indexAt(event.currentTarget as HTMLElement, event.clientY, dragged.current));
            }}
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
                  isChosen={card.story.metadata.name === (carried.value?.story.metadata.name ?? chosen)}
                  isCarried={card.story.metadata.name === carried.value?.story.metadata.name}
                  myVote={myVotes.get(card.story.metadata.name!)}
                  canEdit={canEdit}
                  actions={actions}
                  onChoose={() => setQuery({ story: card.story.metadata.name }, { replace: true })}
                  onDrag={(isOn) => {
                    dragged.current = isOn ? card.story : undefined;
                    if (!isOn) target.value = undefined;
                  }}
                  onDecline={() => void actions.place(card.story, shown.find(({ kind }) => kind === 'declined')!, 0)}
                />
              ))}
            </ul>
            {column.cards.length === 0 && <p class="soft">{t.nothingHere}</p>}
          </section>
        ))}
      </div>
    </div>
  );
}

function titleOf({ kind, title }: BoardColumn): string {
  return kind === 'proposed' ? t.proposed : kind === 'declined' ? t.declined : title!;
}

function cardOf({ metadata }: StoryObject): HTMLElement | null {
  return document.getElementById(`story-${metadata.name}`);
}

function choose(columns: readonly BoardColumn[], { column, index }: Spot): void {
  const story = columns[column]?.cards[index]?.story;
  if (story === undefined) return;
  setQuery({ story: story.metadata.name }, { replace: true });
  requestAnimationFrame(() => cardOf(story)?.focus());
}

/** Before which card of a column a pointer is, not counting the one that is dragged. */
function indexAt(column: HTMLElement, y: number, dragged: StoryObject | undefined): number {
  const cards = [...column.querySelectorAll<HTMLElement>('.board-card')].filter(
    (card) => card.id !== `story-${dragged?.metadata.name}`,
  );
  const before = cards.findIndex((card) => {
    const { top, height } = card.getBoundingClientRect();
    return y < top + height / 2;
  });
  return before < 0 ? cards.length : before;
}
