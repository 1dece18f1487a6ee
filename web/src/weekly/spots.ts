import type { StoryObject } from 'nekube/weekly';
import type { BoardColumn } from './board.ts';

/** Where a story is on the board. */
export interface Spot {
  readonly column: number;
  readonly index: number;
}

/** Where a story is, by its name. */
export function spotOf(columns: readonly BoardColumn[], name: string | undefined): Spot | undefined {
  for (const [column, { cards }] of columns.entries()) {
    const index = cards.findIndex(({ story }) => story.metadata.name === name);
    if (index >= 0) return { column, index };
  }
  return undefined;
}

/** The spot beside another one; what is carried may also be put behind the last card. */
export function moved(
  columns: readonly BoardColumn[],
  { column, index }: Spot,
  across: number,
  down: number,
  isCarried: boolean,
): Spot {
  let to = Math.min(Math.max(column + across, 0), columns.length - 1);
  // an empty column has no card to go to
  while (!isCarried && columns[to]!.cards.length === 0 && columns[to + Math.sign(across)] && across !== 0)
    to += Math.sign(across);
  const last = columns[to]!.cards.length - (isCarried && to !== column ? 0 : 1);
  return { column: to, index: Math.min(Math.max(index + down, 0), Math.max(last, 0)) };
}

/** The board as it would be. */
export function withCarried(
  columns: readonly BoardColumn[],
  { story, column, index }: { readonly story: StoryObject } & Spot,
): readonly BoardColumn[] {
  return columns.map((one, i) => {
    const cards = one.cards.filter((card) => card.story.metadata.name !== story.metadata.name);
    return { ...one, cards: i === column ? cards.toSpliced(index, 0, { story }) : cards };
  });
}
