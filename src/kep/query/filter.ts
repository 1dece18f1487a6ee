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

/** What is looked for: all terms, all words, and if asked for what is stale. */
export interface KepFilter {
  readonly terms: readonly Term[];
  /** Words of its number, its title, its name, or a person's. */
  readonly words: readonly string[];
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
    (!filter.isStale || isStale(kep))
  );
}

function fitsTerm(kep: Filterable, { field, values, isNegated = false }: Term): boolean {
  const own = (FILTER_FIELDS[field] as Values)(kep).filter((value) => value !== undefined);
  return values.some((value) => own.some((one) => fitsValue(field, one, value))) !== isNegated;
}

function fitsValue(field: FilterField, own: string, wanted: string): boolean {
  const [, operator = '', operand = ''] = /^(>=|<=|>|<)?(.*)$/.exec(wanted) ?? [];
  if (operator !== '' && ORDERED.has(field)) {
    const order = compare(field, own, operand);
    return { '>=': order >= 0, '<=': order <= 0, '>': order > 0, '<': order < 0 }[operator]!;
  }
  if (PARTIAL.has(field)) return own.toLowerCase().includes(wanted.toLowerCase());
  return plain(field, own) === plain(field, wanted);
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
  const lower = word.toLowerCase();
  const texts = [kep.name, kep.title, ...kep.authors, String(kep.number ?? '')];
  return texts.some((text) => text.toLowerCase().includes(lower));
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
