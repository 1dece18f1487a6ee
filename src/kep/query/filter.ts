import { type Kep, STAGES, stageName, STATUSES, statusName } from '../model/kep.ts';
import { minorOf } from '../document/values.ts';

/** What the filter language looks at of a KEP: a row of a list has it too. */
export type Filterable = Pick<
  Kep,
  | ('name' | 'number' | 'title' | 'owningSig' | 'participatingSigs' | 'status' | 'stage' | 'written')
  | ('authors' | 'reviewers' | 'approvers' | 'readinessApprovers' | 'featureGates')
  | ('latestMilestone' | 'milestones' | 'created' | 'updated')
> & {
  /** When something in its folder changed last, by the commits; absent: that is not known. */
  readonly changed?: { readonly day: string };
};

/** Which values a field of the filter language has of a KEP. */
type Values = (kep: Filterable) => readonly (string | undefined)[];

/**
 * The fields of the filter language: the same in flags, URLs and the API. A KEP fits a term if one of its values fits one of the
 * term's; it fits a filter if it fits each term.
 */
export const FILTER_FIELDS = {
  number: (kep) => [kep.number?.toString()],
  name: (kep) => [kep.name],
  title: (kep) => [kep.title],
  sig: (kep) => [kep.owningSig],
  'participating-sig': (kep) => kep.participatingSigs,
  'any-sig': (kep) => [kep.owningSig, ...kep.participatingSigs],
  status: (kep) => [statusName(kep)],
  stage: (kep) => [stageName(kep)],
  author: (kep) => kep.authors,
  reviewer: (kep) => kep.reviewers,
  approver: (kep) => kep.approvers,
  'prr-approver': (kep) => kep.readinessApprovers.map(({ approver }) => approver),
  gate: (kep) => kep.featureGates.map(({ name }) => name),
  component: (kep) => kep.featureGates.flatMap(({ components }) => components),
  milestone: (kep) => [kep.latestMilestone, ...Object.values(kep.milestones)],
  'latest-milestone': (kep) => [kep.latestMilestone],
  alpha: (kep) => [kep.milestones.alpha],
  beta: (kep) => [kep.milestones.beta],
  stable: (kep) => [kep.milestones.stable],
  created: (kep) => [kep.created],
  updated: (kep) => [kep.updated],
  changed: (kep) => [kep.changed?.day],
} as const satisfies Readonly<Record<string, Values>>;

/** A field of the filter language. */
export type FilterField = keyof typeof FILTER_FIELDS;

/** A condition on a KEP. */
export interface Term {
  readonly field: FilterField;
  /** One of them must fit. */
  readonly values: readonly string[];
  readonly isNegated?: boolean;
}

/** What is looked for: all terms, all words, and if asked for what is stale, or what is not. */
export interface KepFilter {
  readonly terms: readonly Term[];
  /** Words of its number, its title, its name, or a person's. */
  readonly words: readonly string[];
  /** Absent: stale or not. */
  readonly isStale?: boolean;
}

/** Fields with days or releases, that may be compared: `>=v1.36`, `<2020-01-01`. */
const ORDERED: ReadonlySet<FilterField> = new Set<FilterField>([
  ...(['milestone', 'latest-milestone', 'alpha', 'beta', 'stable', 'created', 'updated', 'changed', 'number'] as const),
]);

/** Fields whose values are whole; of others a part is enough. */
const PARTIAL: ReadonlySet<FilterField> = new Set<FilterField>(['title', 'name']);

/** True for a KEP that a filter lets through. `isStale` says which are, where the filter asks. */
export function fits<K extends Filterable>(kep: K, filter: KepFilter, isStale: (kep: K) => boolean): boolean {
  return (
    filter.terms.every((term) => fitsTerm(kep, term)) &&
    filter.words.every((word) => hasWord(kep, word)) &&
    (filter.isStale === undefined || filter.isStale === isStale(kep))
  );
}

// filters are asked of all KEPs at each letter that one types: what is the same for all of them is found out once
const tests = new WeakMap<Term, (kep: Filterable) => boolean>();
const haystacks = new WeakMap<Filterable, string>();

function fitsTerm(kep: Filterable, term: Term): boolean {
  const test = tests.get(term) ?? testOf(term);
  tests.set(term, test);
  return test(kep);
}

function testOf({ field, values, isNegated = false }: Term): (kep: Filterable) => boolean {
  const valuesOfKep = FILTER_FIELDS[field] as Values;
  const wanted = values.map((value) => valueTest(field, value));
  return (kep) => valuesOfKep(kep).some((own) => own !== undefined && wanted.some((test) => test(own))) !== isNegated;
}

function valueTest(field: FilterField, wanted: string): (own: string) => boolean {
  const [, operator = '', operand = ''] = /^(>=|<=|>|<)?(.*)$/.exec(wanted) ?? [];
  if (operator !== '' && ORDERED.has(field)) {
    const isInOrder = {
      '>=': (order: number) => order >= 0,
      '<=': (order: number) => order <= 0,
      '>': (order: number) => order > 0,
      '<': (order: number) => order < 0,
    }[operator]!;
    return (own) => isInOrder(compare(field, own, operand));
  }
  const lower = wanted.toLowerCase();
  if (PARTIAL.has(field)) return (own) => own.toLowerCase().includes(lower);
  const meant = plain(field, wanted);
  return (own) => plain(field, own) === meant;
}

/** Values without what may be left out: `sig-` of a SIG, `@` of a person, `v` of a release, a zero in front. */
function plain(field: FilterField, value: string): string {
  const text = value.toLowerCase();
  if (field.endsWith('sig')) return text.replace(/^sig-/, '');
  if (field === 'number') return text.replace(/^0+(?=\d)/, '');
  if (ORDERED.has(field)) return text.replace(/^v/, '');
  return text.replace(/^@/, '');
}

function compare(field: FilterField, a: string, b: string): number {
  if (field === 'number') return Number(a) - Number(b);
  if (field === 'created' || field === 'updated' || field === 'changed') return a < b ? -1 : a > b ? 1 : 0;
  return minorOf(a) - minorOf(`v${b.replace(/^v/i, '')}`);
}

function hasWord(kep: Filterable, word: string): boolean {
  const haystack = haystacks.get(kep) ?? haystackOf(kep);
  haystacks.set(kep, haystack);
  return haystack.includes(word.toLowerCase());
}

/** A line each, which no word goes over. */
function haystackOf({ name, title, authors, number }: Filterable): string {
  return [name, title, ...authors, String(number ?? '')].join('\n').toLowerCase();
}

/** What the terms of a filter ask for and no KEP has, as `sig:nodee`: most likely it is misspelt. */
export function unknownValues(keps: readonly Filterable[], { terms }: Pick<KepFilter, 'terms'>): readonly string[] {
  return terms
    .flatMap(({ field, values }) => values.map((value) => ({ field, values: [value] })))
    .filter((term) => !keps.some((kep) => fitsTerm(kep, term)))
    .map(({ field, values }) => `${field}:${values[0]}`);
}

/** Values that a term may have, where they are few; undefined: any. */
export function valuesOf(field: FilterField): readonly string[] | undefined {
  if (field === 'status') return [...STATUSES, 'invalid'];
  if (field === 'stage') return [...STAGES, 'none', 'invalid'];
  return undefined;
}
