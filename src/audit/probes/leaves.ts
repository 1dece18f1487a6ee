import { isJsonObject, type JsonObject } from 'nekube/apimachinery';
import type { OperatorRead } from '../observe/operator-write.ts';
import { shownRef } from '../observe/operator-write.ts';
import type { Aspect, Finding } from '../verdict/finding.ts';
import { BATCH, isRefused, type Tried, tryMany } from './batch.ts';
import { pairwise } from './pairs.ts';
import { linesOf, type ProbeContext } from './probe.ts';
import { leavesOf, pointerOf, type SpecLeaf, type SpecVariant, variantsOf, withLeaf } from './spec-variants.ts';
import { WORDS, withWords } from '../observe/words.ts';
import { type Trial } from './subject.ts';
import { valuesOf } from './values.ts';

/** What each leaf of the spec does. */
export interface LeafReport {
  readonly findings: readonly Finding[];
  /** Leaves of which the operator saw another value, as JSON pointers. */
  readonly exercised: ReadonlySet<string>;
  /** Variants that the server refused, each with its place, its value and the server's reason. */
  readonly refused: readonly string[];
  /** By a leaf the places that it changes. */
  readonly influence: ReadonlyMap<string, readonly string[]>;
  /** Specs that come to something else than the sample's, at most a few; where none does, one that is another. */
  readonly others: readonly JsonObject[];
}

/** More leaves than these are not combined, nor more values of one. */
const MOST_COMBINED = 16;
const MOST_CHOICES = 4;
/** More leaves that no pair was tried of are not named. */
const MOST_OTHERS = 3;

/**
 * Each leaf of the spec changed, unset, zero, and with the values that may mean something; then any two of such values together: what
 * changes, and what is read or where is written that was not before.
 *
 * @param left whether there is time for one more
 */
export async function probeLeaves(context: ProbeContext, left: () => boolean): Promise<LeafReport> {
  const { subject, cut } = context;
  const spec = isJsonObject(subject.sample.spec) ? subject.sample.spec : {};
  const leaves = leavesOf(spec, subject.schema);
  const seen = new Seen(context);
  const variants = variantsOf(spec, leaves, subject.schema);
  const tried = await inBatches(context, variants, left, (variant, trial) => seen.take(variant, trial));
  if (tried < variants.length)
    cut(`${variants.length - tried} of ${variants.length} variants of the spec were not tried: the time was over`);
  const combined = combinations(spec, leaves);
  const pairs = await inBatches(context, combined, left, ({ path }, trial) => seen.lookAt(path, trial));
  if (pairs < combined.length)
    cut(
      `${combined.length - pairs} of ${combined.length} combinations of two values were not tried: the time was over`,
    );
  return seen.report();
}

/** How many specs there are to try of a sample. */
export function trialsOf(spec: JsonObject, schema: JsonObject | undefined): number {
  const leaves = leavesOf(spec, schema);
  return variantsOf(spec, leaves, schema).length + combinations(spec, leaves).length;
}

/** How many there was time for. */
async function inBatches<T extends { readonly spec: JsonObject }>(
  { session, subject, base }: ProbeContext,
  all: readonly T[],
  left: () => boolean,
  take: (one: T, tried: Tried) => void,
): Promise<number> {
  const known = new Set([...base.interval.reads, ...base.interval.writes].map((one) => withWords(shownRef(one))));
  for (let from = 0; from < all.length; from += BATCH) {
    if (!left()) return from;
    const some = all.slice(from, from + BATCH);
    try {
      const trials = await tryMany(
        session,
        subject,
        some.map(({ spec }) => spec),
        (line) => known.has(line),
      );
      trials.forEach((trial, i) => take(some[i]!, trial));
    } catch (error) {
      // aborted within one: what was found before is kept
      if (!left()) return from;
      throw error;
    }
  }
  return all.length;
}

/** Specs in which any two values that may mean something stand together. */
function combinations(
  spec: JsonObject,
  leaves: readonly SpecLeaf[],
): readonly { readonly path: string; readonly spec: JsonObject }[] {
  const lists = leaves
    .map((leaf) => ({ leaf, values: [leaf.value, ...valuesOf(leaf).slice(0, MOST_CHOICES - 1)] }))
    .filter(({ values }) => values.length > 1)
    .slice(0, MOST_COMBINED);
  return pairwise(lists.map(({ values }) => values.length)).map((choice) => {
    const set = lists.flatMap(({ leaf, values }, i) => (choice[i] === 0 ? [] : [{ leaf, value: values[choice[i]!] }]));
    const path = set.map(({ leaf, value }) => `${pointerOf(leaf.path)}=${JSON.stringify(value)}`).join(' ');
    return { path, spec: set.reduce((now, { leaf, value }) => withLeaf(now, leaf.path, value) as JsonObject, spec) };
  });
}

/** What trials show. */
class Seen {
  readonly #context: ProbeContext;
  readonly #influence = new Map<string, readonly string[]>();
  readonly #findings: Finding[] = [];
  readonly #refused: string[] = [];
  readonly #exercised = new Set<string>();
  readonly #others: JsonObject[] = [];
  #accepted: JsonObject | undefined;
  readonly #reads: Set<string>;

  constructor(context: ProbeContext) {
    this.#context = context;
    this.#reads = new Set(readsIn(context.base.reads));
  }

  take(variant: SpecVariant, tried: Tried): void {
    if (isRefused(tried)) {
      this.#refused.push(`${shownValue(variant)}: ${withWords(tried.message)}`);
      return;
    }
    // of a leaf whose values are all refused the operator has seen nothing
    this.#exercised.add(variant.path);
    const changed = linesOf(this.#context, this.#context.base.outcome, tried.outcome);
    if (variant.how !== 'unset') this.#accepted ??= variant.spec;
    if (changed.length > 0) {
      const before = this.#influence.get(variant.path) ?? [];
      this.#influence.set(variant.path, [...new Set([...before, ...changed])]);
      if (variant.how !== 'unset' && this.#others.length < MOST_OTHERS) this.#others.push(variant.spec);
    }
    this.lookAt(shown(variant), tried);
  }

  /** What was read now and not before, and where was written. */
  lookAt(probe: string, tried: Tried): void {
    if (isRefused(tried)) return;
    const made = new Set([...tried.outcome.values()].map(({ ref }) => shownRef({ ...ref, subresource: '' })));
    const reads = readsIn(tried.reads).filter((line) => !this.#reads.has(line) && !made.has(line));
    for (const line of reads) this.#reads.add(line);
    this.#tell('reads-other', probe, reads);
    this.#tell('foreign-namespace', probe, foreignIn(tried, this.#context.base));
  }

  report(): LeafReport {
    return {
      findings: this.#findings,
      exercised: this.#exercised,
      refused: this.#refused,
      influence: this.#influence,
      others: this.#others.length > 0 || this.#accepted === undefined ? this.#others : [this.#accepted],
    };
  }

  #tell(aspect: Aspect, probe: string, evidence: readonly string[]): void {
    if (evidence.length > 0) this.#findings.push({ aspect, probe, evidence });
  }
}

function shown({ path, how, value }: SpecVariant): string {
  if (how === 'long') return `spec${path} is a long text`;
  return `spec${path} ${how === 'value' ? `is ${JSON.stringify(value)}` : how}`;
}

/** The same with the value. */
function shownValue(variant: SpecVariant): string {
  const { path, value } = variant;
  return value === undefined ? shown(variant) : `spec${path} is ${JSON.stringify(value)}`;
}

/** Objects that were read by name. */
function readsIn(reads: readonly OperatorRead[]): string[] {
  return [...new Set(reads.filter(({ verb }) => verb === 'get').map(shownRef))];
}

/** Objects in other namespaces that are written now, and were not for the sample. */
function foreignIn({ outcome }: Trial, base: Trial): string[] {
  return [...outcome]
    .filter(([key, { ref }]) => !base.outcome.has(key) && ![WORDS.namespace, ''].includes(ref.namespace))
    .map(([, { ref }]) => shownRef(ref));
}
