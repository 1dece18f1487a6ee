import { minorOf } from '../document/values.ts';
import { type Kep, STAGES, type Stage, stageName, STATUSES, statusName } from '../model/kep.ts';

/** Counts by value. */
export type Counts = Readonly<Record<string, number>>;

/** How many KEPs have which value. */
export interface KepStats {
  readonly total: number;
  /** Values that are none are counted as `invalid`. */
  readonly status: Counts;
  /** Those without one are counted as `none`. */
  readonly stage: Counts;
  readonly owningSig: Counts;
  readonly latestMilestone: Counts;
  /** Of each release how many reach a stage in it, or shall. */
  readonly milestone: Readonly<Record<string, Counts>>;
  /** What was written where a value is none that is known, by field. */
  readonly invalid: Readonly<Record<'status' | 'stage', Counts>>;
}

/** Counts KEPs by status, stage, owning SIG and milestone. */
export function statsOf(keps: readonly Kep[]): KepStats {
  return {
    total: keps.length,
    status: inOrder(
      countBy(keps, (kep) => [statusName(kep)]),
      [...STATUSES, 'invalid'],
    ),
    stage: inOrder(
      countBy(keps, (kep) => [stageName(kep)]),
      [...STAGES, 'none', 'invalid'],
    ),
    owningSig: byCount(countBy(keps, (kep) => [kep.owningSig || 'none'])),
    latestMilestone: byRelease(countBy(keps, (kep) => [kep.latestMilestone ?? 'none'])),
    milestone: stagesByRelease(keps),
    invalid: { status: written(keps, 'status'), stage: written(keps, 'stage') },
  };
}

/** Counts KEPs by the values that `valuesOf` gives of each. */
export function countBy(keps: readonly Kep[], valuesOf: (kep: Kep) => readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const value of keps.flatMap((kep) => [...new Set(valuesOf(kep))]))
    counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function written(keps: readonly Kep[], field: string): Counts {
  return countBy(keps, (kep) => (kep.written[field] === undefined ? [] : [kep.written[field]]));
}

function stagesByRelease(keps: readonly Kep[]): Readonly<Record<string, Counts>> {
  const counts: Record<string, Partial<Record<Stage, number>>> = {};
  for (const { milestones } of keps)
    for (const [stage, milestone] of Object.entries(milestones) as [Stage, string][]) {
      const of = (counts[milestone] ??= {});
      of[stage] = (of[stage] ?? 0) + 1;
    }
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => minorOf(a) - minorOf(b))) as Readonly<
    Record<string, Counts>
  >;
}

function inOrder(counts: Counts, order: readonly string[]): Counts {
  return Object.fromEntries(
    order.filter((value) => counts[value] !== undefined).map((value) => [value, counts[value]!]),
  );
}

function byCount(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}

function byRelease(counts: Counts): Counts {
  const minor = (name: string): number => (name === 'none' ? Infinity : minorOf(name));
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => minor(a) - minor(b)));
}
