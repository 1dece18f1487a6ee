import { computed, useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { GraphEdge, KepRow, SiteGraph, SiteIndex } from 'nekube/kep';
import { useKeys } from '../app/keyboard.ts';
import type { Key } from '../app/registry.ts';
import { navigate, setQuery, url } from '../app/router.ts';
import { useTypedFilter } from '../app/typed-filter.ts';
import { Notice } from '../ui/notice.tsx';
import { RowCursor } from '../ui/row-cursor.ts';
import { kepPath } from './address.ts';
import { cursorKeys } from './cursor-keys.ts';
import { FilterBox } from './filter-box.tsx';
import { problemIn } from './filter-text.ts';
import { Absent, DayBanner, kepHref, NoKeps, shownDay, useKepBar, useRead } from './frame.tsx';
import { GraphDrawing, type Zoom } from './graph-drawing.tsx';
import { endOf, placeGraph } from './graph-layout.ts';
import { KepLink } from './parts.tsx';
import { KINDS, readAddress, shownPart, toggled, type Wanted } from './shown-references.ts';
import { kepTexts as t } from './texts.ts';

/** All references between KEPs: drawn, and as a list beside it. */
export default function GraphView() {
  const [graph, again] = useRead<SiteGraph>('graph');
  const [index] = useRead<SiteIndex>('index');
  useKepBar(<h1>{t.keps}</h1>, `${t.keps}: ${t.graph}`);
  if (graph.state !== 'ready') return <Absent read={graph} again={again} />;
  if (index.state !== 'ready') return <Absent read={index} again={again} />;
  if (index.data.keps.length === 0 && shownDay() === undefined) return <NoKeps />;
  return <References graph={graph.data} rows={index.data.keps} />;
}

function References({ graph, rows }: { readonly graph: SiteGraph; readonly rows: readonly KepRow[] }) {
  const { kinds, dangling, focus } = readAddress(url.value);
  const typed = useTypedFilter({ focus: undefined });
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const { zoom, fitted, zoomBy } = useZoom();
  const at = useSignal<string | undefined>(undefined);
  const { part, cursor } = useMemo(() => {
    // the address has more than what is asked for here
    const asked = computed(() => JSON.stringify(readAddress(url.value)));
    const part = computed(() => shownPart(graph, rows, JSON.parse(asked.value) as Wanted));
    const edges = computed(() => part.value.edges);
    return { part, cursor: new RowCursor(edges, ({ from, kind, to }) => `${from} ${kind} ${to}`, at) };
  }, [graph, rows]);
  const shown = part.value;
  const placed = useMemo(() => placeGraph(shown), [shown]);
  const byName = useMemo(() => new Map(graph.nodes.map((node) => [node.name, node])), [graph]);
  const keys = useMemo((): readonly Key[] => {
    const focusList = (): void => list.current?.focus({ preventScroll: true });
    return [
      { keys: '/', title: () => t.keyFilter, run: () => field.current?.select() },
      ...cursorKeys(cursor, { page: () => 10, focus: focusList }, ({ from }) => navigate(kepHref(kepPath(from)))),
      { keys: '+', title: () => t.keyZoom, run: () => zoomBy(1.25) },
      { keys: '-', title: () => t.keyZoom, run: () => zoomBy(0.8) },
    ];
  }, [cursor]);
  useKeys(keys);
  const cursorAt = cursor.index.value;
  const chosen = shown.edges[cursorAt];
  useLayoutEffect(() => {
    list.current?.children[cursorAt]?.scrollIntoView({ block: 'nearest' });
  }, [cursorAt]);

  return (
    <section class="list kep-graph" aria-label={t.graph}>
      <DayBanner source={graph.source} />
      <div class="tool-bar">
        <FilterBox
          typed={typed}
          label={t.filter}
          placeholder={t.filterPlaceholder}
          problem={problemIn(typed.text.value)}
          onText={typed.set}
          onLeave={() => {
            // the rows are those of the address
            typed.keep();
            if (cursor.row === undefined) cursor.goTo(0);
            list.current?.focus();
          }}
          field={field}
        />
        <KindToggles kinds={kinds} dangling={dangling} />
        <span class="count" role="status">
          {t.graphCount(placed.nodes.filter(({ id }) => byName.has(id)).length, shown.edges.length)}
          {' · '}
          {t.danglingCount(shown.edges.filter(({ isDangling }) => isDangling).length)}
        </span>
        <ZoomButtons
          onZoom={zoomBy}
          onFit={() => {
            zoom.value = 'fit';
          }}
        />
      </div>
      {shown.edges.length === 0 ? (
        <Notice icon="search" title={t.noReferences}>
          <button
            type="button"
            onClick={() => setQuery({ filter: undefined, kinds: undefined, dangling: undefined, focus: undefined })}
          >
            {t.clearFilter}
          </button>
        </Notice>
      ) : (
        <div class="kep-columns">
          <GraphDrawing
            placed={placed}
            nodes={byName}
            zoom={zoom.value}
            onFit={(scale) => {
              fitted.current = scale;
            }}
            marked={chosen ? [chosen.from, endOf(chosen)] : focus ? [focus] : []}
          />
          <aside class="kep-references" aria-label={t.references}>
            <ul ref={list} tabIndex={0} aria-label={t.references}>
              {shown.edges.map((edge, i) => (
                <li key={i} class={i === cursorAt ? 'cursor' : undefined}>
                  <Reference edge={edge} nodes={byName} />
                </li>
              ))}
            </ul>
          </aside>
        </div>
      )}
    </section>
  );
}

/** How large the drawing is: as large as fits, or what one made it. */
function useZoom() {
  const zoom = useSignal<Zoom>('fit');
  /** What of its size fits. */
  const fitted = useRef(1);
  const zoomBy = (factor: number): void => {
    const now = zoom.peek() === 'fit' ? fitted.current : (zoom.peek() as number);
    zoom.value = Math.min(2, Math.max(0.1, now * factor));
  };
  return { zoom, fitted, zoomBy };
}

/** Which references are shown: by their kinds, and whether only those that lead nowhere. */
function KindToggles({
  kinds,
  dangling,
}: {
  readonly kinds: readonly GraphEdge['kind'][];
  readonly dangling: boolean;
}) {
  return (
    <span class="kep-toggles" role="group" aria-label={t.kinds}>
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          class="small"
          aria-pressed={kinds.includes(kind)}
          onClick={() => setQuery({ kinds: toggled(readAddress(url.peek()).kinds, kind) }, { replace: true })}
        >
          {kindTitle(kind)}
        </button>
      ))}
      <button
        type="button"
        class="small"
        aria-pressed={dangling}
        onClick={() => setQuery({ dangling: readAddress(url.peek()).dangling ? undefined : '1' }, { replace: true })}
      >
        {t.onlyDangling}
      </button>
    </span>
  );
}

function ZoomButtons({ onZoom, onFit }: { readonly onZoom: (factor: number) => void; readonly onFit: () => void }) {
  return (
    <span class="kep-zoom">
      <button type="button" class="quiet" aria-label={t.zoomOut} title={t.zoomOut} onClick={() => onZoom(0.8)}>
        −
      </button>
      <button type="button" class="quiet" onClick={onFit}>
        {t.zoomFit}
      </button>
      <button type="button" class="quiet" aria-label={t.zoomIn} title={t.zoomIn} onClick={() => onZoom(1.25)}>
        +
      </button>
    </span>
  );
}

function Reference(props: {
  readonly edge: GraphEdge;
  readonly nodes: ReadonlyMap<string, SiteGraph['nodes'][number]>;
}) {
  const { from, to, kind, isDangling } = props.edge;
  const [one, other] = [props.nodes.get(from), props.nodes.get(to)];
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

function kindTitle(kind: GraphEdge['kind']): string {
  return { seeAlso: t.seeAlso, replaces: t.replaces, supersededBy: t.supersededBy }[kind];
}
