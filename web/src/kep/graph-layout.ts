import { Graph, layout } from '@dagrejs/dagre';
import type { GraphEdge, SiteGraph } from 'nekube/kep';

/** What a node is drawn as, in pixels. */
export const NODE_WIDTH = 196;
export const NODE_HEIGHT = 38;
const GAP = 36;
const MARGIN = 20;
/** A group of more is not laid out by its lines, which takes time and stack by their square: it stands in rows. */
const MOST_IN_LAYERS = 1000;

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
  const parentOf = (name: string): string => parents.get(name) ?? name;
  const rootOf = (name: string): string => {
    let root = name;
    while (parentOf(root) !== root) {
      // the way is halved each time that it is gone
      parents.set(root, parentOf(parentOf(root)));
      root = parentOf(root);
    }
    return root;
  };
  for (const { from, to } of lines) parents.set(rootOf(from), rootOf(to));
  const groups = new Map<string, string[]>();
  for (const name of new Set([...lines.flatMap(({ from, to }) => [from, to]), ...names])) {
    const root = rootOf(name);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [name]);
    else group.push(name);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

function placeGroup(names: readonly string[], lines: readonly Omit<PlacedEdge, 'points'>[]): PlacedGraph {
  const own = new Set(names);
  const inside = lines.filter(({ from }) => own.has(from));
  return names.length > MOST_IN_LAYERS ? placeInRows(names, inside) : placeInLayers(names, inside);
}

/** From left to right, as the lines go. */
function placeInLayers(names: readonly string[], inside: readonly Omit<PlacedEdge, 'points'>[]): PlacedGraph {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 12, ranksep: 48 });
  for (const name of names) graph.setNode(name, { width: NODE_WIDTH, height: NODE_HEIGHT });
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

function placeInRows(names: readonly string[], inside: readonly Omit<PlacedEdge, 'points'>[]): PlacedGraph {
  const columns = Math.ceil(Math.sqrt((names.length * (NODE_HEIGHT + GAP)) / (NODE_WIDTH + GAP)) * 1.4);
  const at = new Map(
    names.map((id, i) => {
      const [column, row] = [i % columns, Math.floor(i / columns)];
      const [x, y] = [NODE_WIDTH / 2 + column * (NODE_WIDTH + GAP), NODE_HEIGHT / 2 + row * (NODE_HEIGHT + GAP)];
      return [id, { x, y }];
    }),
  );
  return {
    width: columns * (NODE_WIDTH + GAP) - GAP,
    height: Math.ceil(names.length / columns) * (NODE_HEIGHT + GAP) - GAP,
    nodes: names.map((id) => ({ id, ...at.get(id)! })),
    edges: inside.map((line) => ({ ...line, points: [at.get(line.from)!, at.get(line.to)!] })),
  };
}
