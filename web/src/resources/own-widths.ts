import { type Signal, signal } from '@preact/signals';

/** Widths in pixels that a person gave to columns, by their ids. */
export type OwnWidths = Readonly<Record<string, number>>;

/** A column cannot be narrower, so that one finds it again. */
const LEAST_PX = 48;
const MOST_PX = 1200;

const PREFIX = 'widths:';
const known = new Map<string, Signal<OwnWidths>>();

/** The widths of a kind's columns that were changed in this browser. They are taste, so no address has them. */
export function ownWidths(kindPath: string): Signal<OwnWidths> {
  let widths = known.get(kindPath);
  if (widths === undefined) known.set(kindPath, (widths = signal(read(kindPath))));
  return widths;
}

/** Gives a column a width; undefined: as wide as what stands in it. */
export function setOwnWidth(kindPath: string, column: string, px: number | undefined): void {
  const widths = ownWidths(kindPath);
  const { [column]: _, ...rest } = widths.peek();
  widths.value = px === undefined ? rest : { ...rest, [column]: Math.round(Math.min(Math.max(px, LEAST_PX), MOST_PX)) };
  try {
    if (Object.keys(widths.value).length === 0) localStorage.removeItem(PREFIX + kindPath);
    else localStorage.setItem(PREFIX + kindPath, JSON.stringify(widths.value));
  } catch {
    // a browser that keeps nothing has them until the page is left
  }
}

function read(kindPath: string): OwnWidths {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + kindPath) ?? '{}');
    const entries = Object.entries(kept as Record<string, unknown>).filter(([, px]) => typeof px === 'number');
    return Object.fromEntries(entries) as OwnWidths;
  } catch {
    return {};
  }
}
