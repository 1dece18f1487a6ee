import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { type StoryObject, textOfTitle } from 'nekube/weekly';
import { useKeys } from '../app/keyboard.ts';
import type { Key } from '../app/registry.ts';
import { setQuery, url } from '../app/router.ts';
import { moment } from '../app/time.ts';
import type { BoardColumn } from './board.ts';
import type { BoardActions } from './board-actions.ts';
import { moved, type Spot, spotOf } from './spots.ts';
import { titleOf, weeklyTexts as t } from './texts.ts';

/** A story that is carried by keys, and where it would be put. */
export type Carried = { readonly story: StoryObject } & Spot;

/** What keys work on, beside the story that the address says is chosen. */
interface BoardNow {
  readonly columns: readonly BoardColumn[];
  readonly actions: BoardActions;
}

/** What keys change beside the board. */
interface Changed {
  /** What a screen reader is told. */
  readonly said: Signal<string>;
  readonly search: RefObject<HTMLInputElement | null>;
}

/** Lets the board be used by keys, and gives the story that they carry. */
export function useBoardKeys(now: BoardNow, { said, search }: Changed): Signal<Carried | undefined> {
  const carried = useSignal<Carried | undefined>(undefined);
  const latest = useRef(now);
  latest.current = now;
  const keys = useMemo(() => boardKeys(() => latest.current, carried, { said, search }), []);
  useKeys(keys);
  return carried;
}

function boardKeys(now: () => BoardNow, carried: Signal<Carried | undefined>, { said, search }: Changed): Key[] {
  const onStory = (act: (one: StoryObject) => unknown) => (): void | false => {
    const story = chosenStory(now());
    if (story === undefined || !canEdit()) return false;
    act(story);
  };
  const vote = (value: 'For' | 'Against') => onStory((one) => void now().actions.vote(one, value));
  const decline = onStory((one) => void now().actions.place(one, declinedOf(now().columns), 0));
  const letGo = (): void | false => {
    if (!carried.value) return false;
    said.value = t.putBack(textOfTitle(carried.value.story.spec.title));
    carried.value = undefined;
  };
  return [
    ...moveKeys(now, carried),
    { keys: 'Space', title: () => t.keyHold, run: () => takeOrPut(now(), carried, said) },
    { keys: 'Escape', title: () => t.keyHold, run: letGo },
    { keys: 'v', title: () => t.keyVoteFor, run: vote('For') },
    { keys: 'V', title: () => t.keyVoteAgainst, run: vote('Against') },
    { keys: 'x', title: () => t.keyDecline, run: decline },
    { keys: 'p', title: () => t.keyPresenter, run: onStory((one) => cardOf(one)?.querySelector('input')?.focus()) },
    { keys: 'o', title: () => t.keyOpen, run: onStory((one) => cardOf(one)?.querySelector('a')?.click()) },
    { keys: '/', title: () => t.filter, run: () => search.current?.focus() },
  ];
}

/** Arrows, and the letters beside them: they move what is carried, else the choice. */
function moveKeys(now: () => BoardNow, carried: Signal<Carried | undefined>): Key[] {
  const go = (across: number, down: number) => (): void => {
    const { columns } = now();
    if (carried.value) {
      carried.value = { story: carried.value.story, ...moved(columns, carried.value, across, down, true) };
      return;
    }
    const from = spotOf(columns, chosen()) ?? { column: 0, index: across === 0 ? -1 : 0 };
    choose(columns, moved(columns, from, across, down, false));
  };
  return [
    { keys: 'ArrowUp', title: () => t.keyUp, run: go(0, -1) },
    { keys: 'ArrowDown', title: () => t.keyDown, run: go(0, 1) },
    { keys: 'ArrowLeft', title: () => t.keyLeft, run: go(-1, 0) },
    { keys: 'ArrowRight', title: () => t.keyRight, run: go(1, 0) },
    { keys: 'k', title: () => t.keyUp, run: go(0, -1) },
    { keys: 'j', title: () => t.keyDown, run: go(0, 1) },
    { keys: 'h', title: () => t.keyLeft, run: go(-1, 0) },
    { keys: 'l', title: () => t.keyRight, run: go(1, 0) },
  ];
}

/** Puts down what is carried, else takes what is chosen; false: there is neither. */
function takeOrPut(
  { columns, actions }: BoardNow,
  carried: Signal<Carried | undefined>,
  said: Signal<string>,
): void | false {
  if (carried.value) {
    const { story, column, index } = carried.value;
    const to = columns[column]!;
    carried.value = undefined;
    said.value = t.moved(textOfTitle(story.spec.title), titleOf(to), index + 1);
    void actions.place(story, to, index);
    return;
  }
  const at = spotOf(columns, chosen());
  if (at === undefined || !canEdit()) return false;
  const { story } = columns[at.column]!.cards[at.index]!;
  carried.value = { story, ...at };
  said.value = t.grabbed(textOfTitle(story.spec.title));
}

/** The name of the story that is chosen. Also a key that comes before this is drawn is about it. */
function chosen(): string | undefined {
  return url.peek().searchParams.get('story') ?? undefined;
}

function canEdit(): boolean {
  return moment.peek().state === 'now';
}

function chosenStory({ columns }: BoardNow): StoryObject | undefined {
  const at = spotOf(columns, chosen());
  return at && columns[at.column]?.cards[at.index]?.story;
}

/** The column of what is not told. */
export function declinedOf(columns: readonly BoardColumn[]): BoardColumn {
  return columns.find(({ kind }) => kind === 'declined')!;
}

function cardOf({ metadata }: StoryObject): HTMLElement | null {
  return document.getElementById(`story-${metadata.name}`);
}

function choose(columns: readonly BoardColumn[], { column, index }: Spot): void {
  const story = columns[column]?.cards[index]?.story;
  if (story === undefined) return;
  setQuery({ story: story.metadata.name }, { replace: true });
  // at once: the focus chooses, too, and later it would choose what one has left by then
  cardOf(story)?.focus();
}
