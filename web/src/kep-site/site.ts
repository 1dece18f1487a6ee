// The script of a static site of KEPs (nekube kep site): filters and searches the list as one types. Without it the list is whole.
import { facetsOf, fits, type KepFilter, type KepRow, parseFilter, type SiteIndex } from 'nekube/kep';

const form = document.querySelector<HTMLFormElement>('#filter')!;
const words = form.querySelector<HTMLInputElement>('#words')!;
const stale = form.querySelector<HTMLInputElement>('#stale')!;
const choices = [...form.querySelectorAll<HTMLSelectElement>('select[data-field]')];
const count = form.querySelector<HTMLOutputElement>('#count')!;
const body = document.querySelector<HTMLTableSectionElement>('table.keps tbody')!;
const texts = form.dataset as Record<'rows' | 'search' | 'of' | 'shown' | 'searching' | 'noSearch', string>;

type Search = (query: string) => readonly { readonly name: string }[];
let search: Promise<Search> | undefined;
/** The fields that have a choice. */
const FIELDS = ['sig', 'status', 'stage', 'milestone'] as const;

/** Of several filters that run at once the last one counts. */
let latest = 0;
/** The rows stand in the order that the page came with; where the best hits are first they do not. */
let wasInOrder = true;

await begin();

async function begin(): Promise<void> {
  const { keps } = (await (await fetch(texts.rows)).json()) as SiteIndex;
  const rows = [...body.rows];
  const show = (): void => void filter(keps, rows);
  words.value = new URLSearchParams(location.search).get('q') ?? '';
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  words.addEventListener('input', show);
  for (const choice of choices)
    choice.addEventListener('change', () => setTerm(choice.dataset['field']!, choice.value, show));
  stale.addEventListener('change', () => setStale(stale.checked, show));
  addEventListener('popstate', () => {
    words.value = new URLSearchParams(location.search).get('q') ?? '';
    show();
  });
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    words.focus();
  });
  show();
}

/** Shows what fits: at once by what rows have, and when they are there by the words of the texts too, the best first. */
async function filter(keps: readonly KepRow[], rows: readonly HTMLTableRowElement[]): Promise<void> {
  const turn = ++latest;
  const parsed = parsedWords();
  if (parsed === undefined) return;
  const url = new URL(location.href);
  if (words.value === '') url.searchParams.delete('q');
  else url.searchParams.set('q', words.value);
  history.replaceState(null, '', url);
  const byTerms = new Set(keps.flatMap((kep, i) => (fits(kep, { ...parsed, words: [] }, isStale) ? [i] : [])));
  const byWords = [...byTerms].filter((i) => fits(keps[i]!, parsed, isStale));
  draw(rows, byWords, keps.length);
  setTimeout(() => turn === latest && showChoices(keps, parsed));
  if (parsed.words.length === 0) return;
  try {
    if (search === undefined) count.textContent = texts.searching;
    const found = (await (search ??= openSearch()))(parsed.words.join(' '));
    if (turn !== latest) return;
    const places = new Map(keps.map(({ name }, i) => [name, i]));
    const best = found.map(({ name }) => places.get(name)!).filter((i) => byTerms.has(i));
    draw(rows, [...new Set([...best, ...byWords])], keps.length);
  } catch {
    search = undefined;
    if (turn === latest) count.textContent = texts.noSearch;
  }
}

function isStale(kep: KepRow): boolean {
  return kep.stale !== undefined;
}

/** What was typed; undefined, and said, where it is no filter (yet). */
function parsedWords(): KepFilter | undefined {
  try {
    const parsed = parseFilter(words.value);
    words.removeAttribute('aria-invalid');
    words.setCustomValidity('');
    return parsed;
  } catch (error) {
    words.setAttribute('aria-invalid', 'true');
    count.textContent = (error as Error).message;
    return undefined;
  }
}

function draw(rows: readonly HTMLTableRowElement[], shown: readonly number[], all: number): void {
  const wanted = new Set(shown);
  for (const [i, row] of rows.entries()) row.hidden = !wanted.has(i);
  const isInOrder = shown.every((i, at) => at === 0 || shown[at - 1]! < i);
  if (!isInOrder || !wasInOrder) body.replaceChildren(...(isInOrder ? rows : shown.map((i) => rows[i]!)));
  wasInOrder = isInOrder;
  count.textContent = `${shown.length} ${texts.of} ${all} ${texts.shown}`;
}

async function openSearch(): Promise<Search> {
  const [{ openCompactIndex }, answer] = await Promise.all([import('./search.ts'), fetch(texts.search)]);
  if (!answer.ok) throw new Error(answer.statusText);
  return openCompactIndex(await answer.text());
}

/** The choices say what is asked for, and what another choice would give. */
function showChoices(keps: readonly KepRow[], parsed: KepFilter): void {
  stale.checked = parsed.isStale === true;
  const facets = facetsOf(keps, { ...parsed, words: [] }, isStale, { fields: FIELDS });
  for (const choice of choices) {
    const field = choice.dataset['field']!;
    const term = parsed.terms.find((one) => one.field === field && !one.isNegated && one.values.length === 1);
    const counts = new Map(facets.find((one) => one.field === field)?.values.map((one) => [one.value, one.count]));
    for (const option of [...choice.options].slice(1))
      option.text = `${option.value} (${counts.get(option.value) ?? 0})`;
    const plain = (value: string): string => value.toLowerCase().replace(/^(sig-|v(?=\d))/, '');
    const chosen = [...choice.options].find((option) => term && plain(option.value) === plain(term.values[0]!));
    choice.value = chosen?.value ?? '';
  }
}

function setTerm(field: string, value: string, show: () => void): void {
  const others = words.value.replace(new RegExp(`(^|\\s)${field}:\\S*`, 'g'), '');
  words.value = `${others} ${value === '' ? '' : `${field}:${value}`}`.trim().replace(/\s+/g, ' ');
  show();
}

function setStale(isOn: boolean, show: () => void): void {
  const others = words.value.replace(/(^|\s)-?is:stale(?=\s|$)/g, '');
  words.value = `${others} ${isOn ? 'is:stale' : ''}`.trim();
  show();
}
