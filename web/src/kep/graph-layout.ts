import { Graph, layout } from '@dagrejs/dagre';
import type { GraphEdge, SiteGraph } from 'nekube/kep';

/** What a node is drawn as, in pixels. */
export const NODE_WIDTH = 196;
export const NODE_HEIGHT = 38;
const GAP = 36;
const MARGIN = 20;

/** A node where it is drawn, by its middle. */
export interface PlacedNode {
  /** A KEP's name; of what is not there `?` and what was written. */
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

/** A line between two nodes: of one that follows on another, or of some that belong together. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly isSuccession: boolean;
  readonly isDangling: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface PlacedGraph {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** How a dangling end is named, apart from all KEPs. */
export function endOf({ to, isDangling }: GraphEdge): string {
  return isDangling ? `?${to}` : to;
}

/** References as lines from the older to the newer; what two KEPs say of each other is one line. */
export function linesOf(
  edges: readonly GraphEdge[],
  numbers: ReadonlyMap<string, number>,
): readonly Omit<PlacedEdge, 'points'>[] {
  const lines = new Map<string, Omit<PlacedEdge, 'points'>>();
  for (const edge of edges) {
    const end = endOf(edge);
    const age = (name: string): number => numbers.get(name) || Infinity;
    const isSuccession = edge.kind !== 'seeAlso';
    const isBack = edge.kind === 'replaces' || (!isSuccession && age(end) < age(edge.from));
    const [from, to] = isBack ? [end, edge.from] : [edge.from, end];
    const key = JSON.stringify([from, to].sort());
    if (lines.has(key) && !isSuccession) continue;
    lines.set(key, { from, to, isSuccession, isDangling: edge.isDangling === true });
  }
  return [...lines.values()];
}

/** Places the KEPs that hang together, each such group by itself, the largest first, in rows below each other. */
export function placeGraph({ nodes, edges }: Pick<SiteGraph, 'nodes' | 'edges'>): PlacedGraph {
  const numbers = new Map(nodes.map(({ name, number }) => [name, number ?? 0]));
  const lines = linesOf(edges, numbers);
  const groups = groupsOf([...numbers.keys()], lines).map((names) => placeGroup(names, lines));
  groups.sort((a, b) => b.nodes.length - a.nodes.length);
  const area = groups.reduce((sum, { width, height }) => sum + (width + GAP) * (height + GAP), 0);
  const widest = Math.max(0, ...groups.map(({ width }) => width));
  const room = Math.max(widest, Math.sqrt(area * 1.9));
  const placed = { nodes: [] as PlacedNode[], edges: [] as PlacedEdge[] };
  let [x, y, rowHeight, width] = [MARGIN, MARGIN, 0, 0];
  for (const group of groups) {
    if (x > MARGIN && x + group.width > room + MARGIN) {
      y += rowHeight + GAP;
      [x, rowHeight] = [MARGIN, 0];
    }
    const [dx, dy] = [x, y];
    placed.nodes.push(...group.nodes.map((node) => ({ ...node, x: node.x + dx, y: node.y + dy })));
    placed.edges.push(
      ...group.edges.map((edge) => ({
        ...edge,
        points: edge.points.map((point) => ({ x: point.x + dx, y: point.y + dy })),
      })),
    );
    x += group.width + GAP;
    width = Math.max(width, x - GAP);
    rowHeight = Math.max(rowHeight, group.height);
  }
  return { ...placed, width: width + MARGIN, height: y + rowHeight + MARGIN };
}

/** Names that lines connect; those without any line are in none. */
function groupsOf(
  names: readonly string[],
  lines: readonly Omit<PlacedEdge, 'points'>[],
): readonly (readonly string[])[] {
  const parents = new Map<string, string>();
  const rootOf = (name: string): string => {
    const parent = parents.get(name) ?? name;
    return parent === name ? name : rootOf(parent);
  };
  for (const { from, to } of lines) parents.set(rootOf(from), rootOf(to));
  const groups = new Map<string, string[]>();
  for (const name of new Set([...lines.flatMap(({ from, to }) => [from, to]), ...names])) {
    const root = rootOf(name);
    groups.set(root, [...(groups.get(root) ?? []), name]);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function placeGroup(names: readonly string[], lines: readonly Omit<PlacedEdge, 'points'>[]): PlacedGraph {
  const own = new Set(names);
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 48 });
  for (const name of names) graph.setNode(name, { width: NODE_WIDTH, height: NODE_HEIGHT });
  const inside = lines.filter(({ from }) => own.has(from));
  for (const { from, to, isSuccession } of inside) graph.setEdge(from, to, { weight: isSuccession ? 3 : 1 });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: names.map((id) => {
      const { x, y } = graph.node(id) as { x: number; y: number };
      return { id, x, y };
    }),
    edges: inside.map((line) => {
      const { points } = graph.edge(line.from, line.to) as { points: PlacedEdge['points'] };
      return { ...line, points };
    }),
  };
}
