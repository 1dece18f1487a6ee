import { useComputed, useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { type Facet, facetsOf, type FilterField, type KepFilter, type KepRow } from 'nekube/kep';
import { number } from '../i18n/number.ts';
import { asksFor } from './filter-text.ts';
import { filterRows, isStale } from './list-rows.ts';
import { kepTexts as t } from './texts.ts';

/** So many values of a field are shown, until one asks for more. */
const FEW = 7;

/** Fields beside the list, and those whose values are too many to be looked through. */
const SHOWN: readonly { readonly field: FilterField; readonly title: () => string; readonly isClosed?: boolean }[] = [
  { field: 'status', title: () => t.fieldStatus },
  { field: 'stage', title: () => t.fieldStage },
  { field: 'sig', title: () => t.fieldSig },
  { field: 'milestone', title: () => t.fieldMilestone },
  { field: 'gate', title: () => t.fieldGate, isClosed: true },
  { field: 'author', title: () => t.fieldAuthor, isClosed: true },
  { field: 'approver', title: () => t.fieldApprover, isClosed: true },
  { field: 'reviewer', title: () => t.fieldReviewer, isClosed: true },
  { field: 'prr-approver', title: () => t.fieldReadiness, isClosed: true },
  { field: 'participating-sig', title: () => t.fieldParticipating, isClosed: true },
];

/** How many KEPs have which values; a click on one asks for it, or no more. Each field is counted without its own terms. */
export function Facets(props: {
  readonly rows: readonly KepRow[];
  readonly filter: KepFilter;
  readonly text: string;
  readonly onToggle: (field: string, value: string) => void;
}) {
  const { rows, filter, text, onToggle } = props;
  const opened = useSignal<readonly string[]>(SHOWN.flatMap(({ field, isClosed }) => (isClosed ? [] : [field])));
  const open = SHOWN.map(({ field }) => field).filter(
    (field) => opened.value.includes(field) || filter.terms.some((term) => term.field === field && !term.isNegated),
  );
  const facets = useMemo(
    () => new Map(facetsOf(rows, filter, isStale, { fields: open }).map(({ field, values }) => [field, values])),
    [rows, filter, open.join()],
  );
  const stale = useMemo(() => filterRows(rows, { ...filter, isStale: true }).length, [rows, filter]);
  return (
    <aside class="kep-facets" aria-label={t.facets}>
      <FacetValue
        title={t.onlyStale}
        count={stale}
        isChosen={filter.isStale === true}
        onToggle={() => onToggle('is', 'stale')}
      />
      {SHOWN.map(({ field, title, isClosed = false }) => (
        <FacetGroup
          key={field}
          field={field}
          title={title()}
          isLong={isClosed}
          values={facets.get(field)}
          text={text}
          onOpen={(isOpen) => {
            const others = opened.peek().filter((one) => one !== field);
            opened.value = isOpen ? [...others, field] : others;
          }}
          onToggle={onToggle}
        />
      ))}
    </aside>
  );
}

function FacetGroup(props: {
  readonly field: string;
  readonly title: string;
  /** Too many values to be looked through. */
  readonly isLong: boolean;
  /** Undefined: it is closed, and nothing is counted. */
  readonly values: Facet['values'] | undefined;
  readonly text: string;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onToggle: (field: string, value: string) => void;
}) {
  const { field, title, values = [], text } = props;
  const typed = useSignal('');
  const all = useSignal(false);
  const word = useComputed(() => typed.value.trim().toLowerCase());
  const wanted = word.value === '' ? values : values.filter(({ value }) => value.toLowerCase().includes(word.value));
  const asked = useMemo(() => asksFor(text, field), [text, field]);
  const chosen = values.filter(({ value }) => asked(value));
  const shown = all.value ? wanted : wanted.filter((one, i) => i < FEW || chosen.includes(one));
  const few = field === 'status' || field === 'stage';
  return (
    <details open={props.values !== undefined} onToggle={(event) => props.onOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      {props.isLong && (
        <input
          type="text"
          placeholder={t.findValue(title)}
          aria-label={t.findValue(title)}
          value={typed.value}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
      )}
      <ul>
        {(few ? wanted : shown).map(({ value, count }) => (
          <li key={value}>
            <FacetValue
              title={value}
              isData
              count={count}
              isChosen={chosen.some((one) => one.value === value)}
              onToggle={() => props.onToggle(field, value)}
            />
          </li>
        ))}
      </ul>
      {!few && wanted.length > FEW && (
        <button
          type="button"
          class="quiet small"
          onClick={() => {
            all.value = !all.value;
          }}
        >
          {all.value ? t.fewer : t.more(wanted.length - shown.length)}
        </button>
      )}
    </details>
  );
}

function FacetValue(props: {
  readonly title: string;
  readonly isData?: boolean;
  readonly count: number;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
}) {
  return (
    <button type="button" class="kep-facet" aria-pressed={props.isChosen} onClick={props.onToggle}>
      <span translate={props.isData ? false : undefined}>{props.title}</span>
      <span class="kep-count">{number(props.count)}</span>
    </button>
  );
}
