import type { UnprobedKind } from '../probes/kinds-result.ts';
import type { KindReport, ReportedCoverage } from './report.ts';

/** What was covered of all kinds together: of one as it is, of several with the kind before each line that is not true of all of them. */
export function joinedCoverage(kinds: readonly KindReport[], unprobed: readonly UnprobedKind[]): ReportedCoverage {
  const isOne = kinds.length === 1;
  const of = (kind: string, text: string): string => (isOne ? text : `${kind}: ${text}`);
  const lines = (all: (kind: KindReport) => readonly string[]): readonly string[] => linesOf(kinds, all, of);
  const missing = unprobed.filter(({ why }) => why !== undefined);
  const left = ({ kind, why }: UnprobedKind): string => `${kind} was not probed: ${why}`;
  const cut = kinds.flatMap(({ kind, coverage }) => coverage.cutOff.map((text) => of(kind, text)));
  return {
    leaves: joinedLeaves(kinds, of),
    influence: Object.fromEntries(
      kinds.flatMap(({ kind, coverage }) =>
        Object.entries(coverage.influence).map(([leaf, changed]) => [of(kind, leaf), changed]),
      ),
    ),
    steps: kinds.flatMap(({ kind, coverage }) =>
      coverage.steps.map((step) => ({ ...step, name: of(kind, step.name) })),
    ),
    gaps: [...lines(({ coverage }) => otherGaps(coverage)), ...cut, ...missing.map(left)],
    cutOff: [...cut, ...missing.filter(({ isCutOff }) => isCutOff).map(left)],
    limits: lines(({ coverage }) => coverage.limits),
    neverTried: [...new Set(kinds.flatMap(({ coverage }) => coverage.neverTried))],
  };
}

/** What was not done for other reasons than want of time. */
export function otherGaps({ gaps, cutOff }: Pick<ReportedCoverage, 'gaps' | 'cutOff'>): readonly string[] {
  return gaps.filter((gap) => !cutOff.includes(gap));
}

type Leaves = ReportedCoverage['leaves'];

function joinedLeaves(kinds: readonly KindReport[], of: (kind: string, text: string) => string): Leaves {
  const sum = (n: (leaves: Leaves) => number): number =>
    kinds.reduce((total, { coverage }) => total + n(coverage.leaves), 0);
  const places = (all: (leaves: Leaves) => readonly string[]): readonly string[] =>
    kinds.flatMap(({ kind, coverage }) => all(coverage.leaves).map((place) => of(kind, place)));
  return {
    all: sum(({ all }) => all),
    exercised: sum(({ exercised }) => exercised),
    refused: places(({ refused }) => refused),
    withoutEffect: places(({ withoutEffect }) => withoutEffect),
    untried: places(({ untried }) => untried),
  };
}

/** Lines of all kinds, each with its kind; what is true of all of them is said once, for the operator. */
function linesOf(
  kinds: readonly KindReport[],
  all: (kind: KindReport) => readonly string[],
  of: (kind: string, text: string) => string,
): readonly string[] {
  const isOfAll = (text: string): boolean => kinds.every((kind) => all(kind).includes(text));
  const told = kinds.flatMap((kind) => all(kind).map((text) => (isOfAll(text) ? text : of(kind.kind, text))));
  return [...new Set(told)];
}
