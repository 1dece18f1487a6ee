import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { SiteGraph } from 'nekube/kep';
import { kepPath } from './address.ts';
import { kepHref } from './frame.tsx';
import { NODE_HEIGHT, NODE_WIDTH, type PlacedEdge, type PlacedGraph, type PlacedNode } from './graph-layout.ts';
import { labelOf } from './parts.tsx';
import { kepTexts as t } from './texts.ts';

/** A factor, or as much as shows all of it. */
export type Zoom = number | 'fit';

type Nodes = ReadonlyMap<string, SiteGraph['nodes'][number]>;

/** The graph, to be scrolled. Its nodes are links; who uses keys has the list beside it. */
export function GraphDrawing(props: {
  readonly placed: PlacedGraph;
  readonly nodes: Nodes;
  readonly zoom: Zoom;
  readonly onFit: (scale: number) => void;
  readonly marked: readonly string[];
}) {
  const { placed, nodes, marked } = props;
  const place = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 800, height: 600 });
  useLayoutEffect(() => {
    const element = place.current!;
    const observer = new ResizeObserver(() => setRoom({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const fit = Math.min(1, Math.max(0.7, Math.min(room.width / placed.width, room.height / placed.height)));
  props.onFit(fit);
  const scale = props.zoom === 'fit' ? fit : props.zoom;
  const first = placed.nodes.find(({ id }) => id === marked[0]);
  useLayoutEffect(() => {
    if (!first) return;
    const { clientWidth, clientHeight } = place.current!;
    place.current!.scrollTo({ left: first.x * scale - clientWidth / 2, top: first.y * scale - clientHeight / 2 });
  }, [first?.id, first?.x, scale]);
  return (
    <div class="kep-drawing" ref={place} tabIndex={0} role="region" aria-label={t.graph} translate={false}>
      <svg
        width={placed.width * scale}
        height={placed.height * scale}
        viewBox={`0 0 ${placed.width} ${placed.height}`}
        role="group"
        aria-label={t.graph}
      >
        <defs>
          <marker id="kep-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {placed.edges.map((edge) => (
          <path
            key={`${edge.from} ${edge.to}`}
            class={lineClass(edge, marked)}
            d={pathOf(edge.points)}
            marker-end={edge.isSuccession ? 'url(#kep-arrow)' : undefined}
          />
        ))}
        {placed.nodes.map((node) => (
          <Node key={node.id} node={node} nodes={nodes} isMarked={marked.includes(node.id)} />
        ))}
      </svg>
    </div>
  );
}

function lineClass({ from, to, isSuccession, isDangling }: PlacedEdge, marked: readonly string[]): string {
  const isMarked =
    marked.length > 1 ? marked.includes(from) && marked.includes(to) : marked.some((one) => one === from || one === to);
  return ['kep-edge', isSuccession && 'succession', isDangling && 'dangling', isMarked && 'marked']
    .filter(Boolean)
    .join(' ');
}

function Node(props: { readonly node: PlacedNode; readonly nodes: Nodes; readonly isMarked: boolean }) {
  const { id, x, y } = props.node;
  const kep = props.nodes.get(id);
  const box = (
    <g transform={`translate(${x - NODE_WIDTH / 2} ${y - NODE_HEIGHT / 2})`}>
      <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx="6" />
      <text x="10" y="15" class="number">
        {kep ? `${labelOf(kep)} · ${kep.stage ?? kep.status ?? ''}` : t.dangling}
      </text>
      <text x="10" y="30">
        {cut(kep ? kep.title || kep.name : id.slice(1))}
      </text>
    </g>
  );
  const className = `kep-node ${kep ? (kep.stage ?? '') : 'dangling'}${props.isMarked ? ' marked' : ''}`;
  if (!kep) return <g class={className}>{box}</g>;
  return (
    <a class={className} href={kepHref(kepPath(id))} tabIndex={-1}>
      <title>{kep.title}</title>
      {box}
    </a>
  );
}

/** As much as a node has room for. */
function cut(text: string): string {
  return text.length > 27 ? `${text.slice(0, 26)}…` : text;
}

/** A soft line through points. */
function pathOf(points: PlacedEdge['points']): string {
  const [first, ...others] = points;
  if (first === undefined) return '';
  const last = others.at(-1) ?? first;
  const middles = others.slice(0, -1).map((point, i) => {
    const next = others[i + 1]!;
    return `Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return `M${first.x} ${first.y}${middles.join('')}L${last.x} ${last.y}`;
}
