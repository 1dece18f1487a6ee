import { computed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
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
import { kindTitle, ReferenceList } from './reference-list.tsx';
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
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const { zoom, fitted, zoomBy } = useZoom();
  const { part, cursor } = useShown(graph, rows);
  const { edges } = part;
  const placed = useMemo(() => placeGraph(part), [part]);
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
  const chosen = edges[cursorAt];
  const { focus } = readAddress(url.value);

  return (
    <section class="list kep-graph" aria-label={t.graph}>
      <DayBanner source={graph.source} />
      <div class="tool-bar">
        <ReferenceFilter
          field={field}
          onLeave={() => {
            if (cursor.row === undefined) cursor.goTo(0);
            list.current?.focus();
          }}
        />
        <KindToggles />
        <Counts keps={placed.nodes.filter(({ id }) => byName.has(id)).length} edges={edges} />
        <ZoomButtons
          onZoom={zoomBy}
          onFit={() => {
            zoom.value = 'fit';
          }}
        />
      </div>
      {edges.length === 0 ? (
        <NoReferences />
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
          <ReferenceList edges={edges} nodes={byName} cursorAt={cursorAt} list={list} />
        </div>
      )}
    </section>
  );
}

/** What of the references the address asks for, and at which of them one is. */
function useShown(graph: SiteGraph, rows: readonly KepRow[]) {
  const at = useSignal<string | undefined>(undefined);
  const { part, cursor } = useMemo(() => {
    // the address has more than what is asked for here
    const asked = computed(() => JSON.stringify(readAddress(url.value)));
    const part = computed(() => shownPart(graph, rows, JSON.parse(asked.value) as Wanted));
    const edges = computed(() => part.value.edges);
    return { part, cursor: new RowCursor(edges, ({ from, kind, to }) => `${from} ${kind} ${to}`, at) };
  }, [graph, rows]);
  return { part: part.value, cursor };
}

/** The filter of KEPs whose references are shown. `onLeave`: one goes on to these, by a key. */
function ReferenceFilter({
  field,
  onLeave,
}: {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onLeave: () => void;
}) {
  const typed = useTypedFilter({ focus: undefined });
  return (
    <FilterBox
      typed={typed}
      label={t.filter}
      placeholder={t.filterPlaceholder}
      problem={problemIn(typed.text.value)}
      onText={typed.set}
      onLeave={() => {
        // the rows are those of the address
        typed.keep();
        onLeave();
      }}
      field={field}
    />
  );
}

function Counts({ keps, edges }: { readonly keps: number; readonly edges: readonly GraphEdge[] }) {
  return (
    <span class="count" role="status">
      {t.graphCount(keps, edges.length)}
      {' · '}
      {t.danglingCount(edges.filter(({ isDangling }) => isDangling).length)}
    </span>
  );
}

function NoReferences() {
  return (
    <Notice icon="search" title={t.noReferences}>
      <button
        type="button"
        onClick={() => setQuery({ filter: undefined, kinds: undefined, dangling: undefined, focus: undefined })}
      >
        {t.clearFilter}
      </button>
    </Notice>
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
function KindToggles() {
  const { kinds, dangling } = readAddress(url.value);
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
