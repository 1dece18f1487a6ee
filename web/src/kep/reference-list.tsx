import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { GraphEdge, SiteGraph } from 'nekube/kep';
import { KepLink } from './parts.tsx';
import { kepTexts as t } from './texts.ts';

type Nodes = ReadonlyMap<string, SiteGraph['nodes'][number]>;

/** The references beside their drawing; the one that one is at is in view. */
export function ReferenceList({
  edges,
  nodes,
  cursorAt,
  list,
}: {
  readonly edges: readonly GraphEdge[];
  readonly nodes: Nodes;
  readonly cursorAt: number;
  readonly list: RefObject<HTMLUListElement | null>;
}) {
  useLayoutEffect(() => {
    list.current?.children[cursorAt]?.scrollIntoView({ block: 'nearest' });
  }, [cursorAt]);
  return (
    <aside class="kep-references" aria-label={t.references}>
      <ul ref={list} tabIndex={0} aria-label={t.references}>
        {edges.map((edge, i) => (
          <li key={i} class={i === cursorAt ? 'cursor' : undefined}>
            <Reference edge={edge} nodes={nodes} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Reference({ edge, nodes }: { readonly edge: GraphEdge; readonly nodes: Nodes }) {
  const { from, to, kind, isDangling } = edge;
  const [one, other] = [nodes.get(from), nodes.get(to)];
  return (
    <>
      {one ? <KepLink kep={one} /> : <code translate={false}>{from}</code>}
      <span class="relation">{kindTitle(kind)}</span>
      {other && !isDangling ? (
        <KepLink kep={other} />
      ) : (
        <span class="dangling">
          <code translate={false}>{to}</code> <em>{t.dangling}</em>
        </span>
      )}
    </>
  );
}

/** How a kind of references is called. */
export function kindTitle(kind: GraphEdge['kind']): string {
  return { seeAlso: t.seeAlso, replaces: t.replaces, supersededBy: t.supersededBy }[kind];
}
