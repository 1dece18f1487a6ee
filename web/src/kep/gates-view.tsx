import { computed, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { GateRow, Mismatch, SiteGates } from 'nekube/kep';
import { useKeys } from '../app/keyboard.ts';
import type { Key } from '../app/registry.ts';
import { navigate, setQuery, url } from '../app/router.ts';
import { useTypedFilter } from '../app/typed-filter.ts';
import { Notice } from '../ui/notice.tsx';
import { RowCursor } from '../ui/row-cursor.ts';
import { kepPath } from './address.ts';
import { cursorKeys } from './cursor-keys.ts';
import { FilterBox } from './filter-box.tsx';
import { Absent, DayBanner, kepHref, NoKeps, shownDay, useKepBar, useRead } from './frame.tsx';
import { ruleTitle } from './gate-parts.tsx';
import { GateTable } from './gate-table.tsx';
import { kepTexts as t } from './texts.ts';

const RULES: readonly Mismatch['rule'][] = [
  'release-differs',
  'stage-missing',
  'stage-ahead',
  'gate-missing',
  'gate-without-kep',
];

/** Feature gates: what KEPs promise of them, beside what the code has. */
export default function GatesView() {
  const [gates, again] = useRead<SiteGates>('gates');
  useKepBar(<h1>{t.keps}</h1>, `${t.keps}: ${t.gates}`);
  if (gates.state !== 'ready') return <Absent read={gates} again={again} />;
  if (
    gates.data.gates.length === 0 &&
    gates.data.release === undefined &&
    shownDay() === undefined &&
    gates.data.source.codeDenied === undefined
  )
    return <NoKeps />;
  return <Gates gates={gates.data} />;
}

function Gates({ gates: { gates, release, source } }: { readonly gates: SiteGates }) {
  const { onlyMismatches, rule } = readAddress(url.value);
  const typed = useTypedFilter();
  const field = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const at = useSignal<string | undefined>(undefined);
  const cursor = useMemo(() => {
    const rows = computed(() => {
      const { onlyMismatches, rule } = readAddress(url.value);
      const words = typed.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      return gates.filter(
        (row) =>
          (!onlyMismatches || row.mismatches.length > 0) &&
          (rule === undefined || row.mismatches.some((one) => one.rule === rule)) &&
          words.every((word) => textOf(row).includes(word)),
      );
    });
    return new RowCursor(rows, (row) => row.gate, at);
  }, [gates]);
  const shown = cursor.rows.value;
  const keys = useMemo((): readonly Key[] => {
    const focus = (): void => {
      place.current?.focus({ preventScroll: true });
      body.current?.children[cursor.index.peek()]?.scrollIntoView({ block: 'nearest' });
    };
    return [
      { keys: '/', title: () => t.keyFilter, run: () => field.current?.select() },
      ...cursorKeys(cursor, { page: () => 15, focus }, ({ keps: [kep] }) => {
        if (kep) navigate(kepHref(kepPath(kep.name)));
      }),
    ];
  }, [cursor]);
  useKeys(keys);
  return (
    <section class="list kep-gates" aria-label={t.gatesTitle}>
      <DayBanner source={source} />
      <div class="tool-bar">
        <FilterBox
          typed={typed}
          label={t.filterGates}
          placeholder={t.filterGates}
          onText={(next) => {
            typed.set(next);
            cursor.leave();
          }}
          onLeave={() => {
            if (cursor.row === undefined) cursor.goTo(0);
            place.current?.focus();
          }}
          field={field}
        />
        {release !== undefined && <MismatchFilters onlyMismatches={onlyMismatches} rule={rule} />}
        <span class="count" role="status">
          {t.gateCount(shown.length)}
          {release !== undefined && (
            <>
              {' · '}
              {t.mismatchCount(shown.filter(({ mismatches }) => mismatches.length > 0).length)}
              {' · '}
              {t.ofRelease(release)}
            </>
          )}
        </span>
      </div>
      {release === undefined && <NoCode denied={source.codeDenied} />}
      {shown.length === 0 ? (
        <Notice icon="search" title={t.noGatesFit}>
          <button type="button" onClick={() => setQuery({ filter: undefined, show: undefined, rule: undefined })}>
            {t.clearFilter}
          </button>
        </Notice>
      ) : (
        <div class="kep-scroll" ref={place} tabIndex={0} role="region" aria-label={t.gatesTitle}>
          <GateTable rows={shown} hasCode={release !== undefined} cursor={cursor.index.value} body={body} />
        </div>
      )}
    </section>
  );
}

/** What of the gates the address asks for. */
function readAddress({ searchParams }: URL): {
  readonly onlyMismatches: boolean;
  readonly rule: Mismatch['rule'] | undefined;
} {
  return {
    onlyMismatches: searchParams.get('show') === 'mismatches',
    rule: RULES.find((one) => one === searchParams.get('rule')),
  };
}

/** Only what differs from the code, and by which rule. */
function MismatchFilters({
  onlyMismatches,
  rule,
}: {
  readonly onlyMismatches: boolean;
  readonly rule: Mismatch['rule'] | undefined;
}) {
  return (
    <>
      <button
        type="button"
        aria-pressed={onlyMismatches}
        onClick={() => {
          const { onlyMismatches: isOn } = readAddress(url.peek());
          setQuery({ show: isOn ? undefined : 'mismatches', rule: undefined });
        }}
      >
        {t.onlyMismatches}
      </button>
      <select
        aria-label={t.rule}
        value={rule ?? ''}
        onChange={(event) => setQuery({ rule: event.currentTarget.value || undefined })}
      >
        <option value="">{t.anyRule}</option>
        {RULES.map((one) => (
          <option key={one} value={one}>
            {ruleTitle(one)}
          </option>
        ))}
      </select>
    </>
  );
}

/** Why nothing is compared with the code, and how it would be. */
function NoCode({ denied }: { readonly denied: string | undefined }) {
  if (denied !== undefined)
    return (
      <div class="banner" role="status">
        <span>{t.codeDenied}</span> <code translate={false}>{denied}</code>
      </div>
    );
  return (
    <div class="banner kep-no-list" role="status">
      <span>{t.noList}</span>
      <code translate={false}>
        curl -O
        https://raw.githubusercontent.com/kubernetes/kubernetes/release-1.36/test/compatibility_lifecycle/reference/versioned_feature_list.yaml
        {'\n'}nekube kep sync --from enhancements --features versioned_feature_list.yaml
      </code>
    </div>
  );
}

function textOf({ gate, keps }: GateRow): string {
  return [gate, ...keps.map(({ name, title, number, owningSig }) => `${name} ${title} ${number} ${owningSig}`)]
    .join(' ')
    .toLowerCase();
}
