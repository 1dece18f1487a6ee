import type { GraphEdge, KepRow, SiteGraph } from 'nekube/kep';
import { endOf } from './graph-layout.ts';
import { filterRows, readFilter } from './list-rows.ts';

/** The kinds of references that there are. */
export const KINDS = ['seeAlso', 'replaces', 'supersededBy'] as const;

/** The kinds of the address after one is shown or hidden; undefined where all are shown. */
export function toggled(kinds: readonly string[], kind: string): string | undefined {
  const next = KINDS.filter((one) => (one === kind) !== kinds.includes(one));
  return next.length === KINDS.length || next.length === 0 ? undefined : next.join();
}

/** What of the references is to be shown. */
export interface Wanted {
  readonly filter: string;
  readonly kinds: readonly GraphEdge['kind'][];
  readonly dangling: boolean;
  readonly focus?: string | undefined;
}

/** What the address asks for. */
export function readAddress({ searchParams }: URL): Wanted {
  return {
    filter: searchParams.get('filter') ?? '',
    kinds: KINDS.filter((kind) => searchParams.get('kinds')?.split(',').includes(kind) ?? true),
    dangling: searchParams.get('dangling') === '1',
    focus: searchParams.get('focus') ?? undefined,
  };
}

/** The references that are asked for: those of KEPs that fit, or all of the group in which the focus is. */
export function shownPart(
  { nodes, edges }: SiteGraph,
  rows: readonly KepRow[],
  wanted: Wanted,
): Pick<SiteGraph, 'nodes' | 'edges'> {
  const fitting = new Set(filterRows(rows, readFilter(wanted.filter)).map(({ name }) => name));
  const near = wanted.focus === undefined ? undefined : groupOf(wanted.focus, edges);
  const shown = edges.filter(
    (edge) =>
      wanted.kinds.includes(edge.kind) &&
      (!wanted.dangling || edge.isDangling) &&
      (fitting.has(edge.from) || fitting.has(edge.to)) &&
      (near?.has(edge.from) ?? true),
  );
  const ends = new Set(shown.flatMap((edge) => [edge.from, endOf(edge)]));
  return { nodes: nodes.filter(({ name }) => ends.has(name)), edges: shown };
}

/** All that hangs together with a KEP. */
function groupOf(name: string, edges: readonly GraphEdge[]): ReadonlySet<string> {
  const group = new Set([name]);
  for (let size = 0; size < group.size; ) {
    size = group.size;
    for (const { from, to } of edges) if (group.has(from) || group.has(to)) group.add(from).add(to);
  }
  return group;
}
