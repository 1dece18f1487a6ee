import type { Aspect, Coverage, Finding } from './finding.ts';

/** What an operator is worth its maintenance and rights for. */
export type Verdict =
  /** What it writes is a function of the resource: a chart does. */
  | 'render'
  /** The same, with passwords that are made once. */
  | 'render-with-secrets'
  /** It also puts back what was changed: a chart and GitOps do. */
  | 'heal'
  /** It reads others' objects: a composition, or an operator with few rights. */
  | 'compose'
  /** It acts by status, time or order: an operator is justified. */
  | 'operate'
  /** It deals with something outside of the cluster. */
  | 'external'
  /** Nothing can be said. */
  | 'unknown';

/** A verdict, with what it rests on. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The findings that decided. */
  readonly because: readonly Finding[];
  readonly confidence: 'high' | 'medium' | 'low';
  /** OperatorHub's capability level that was seen: 1 basic install to 4 deep insights (5 is not claimed). */
  readonly capability: 1 | 2 | 3 | 4;
  /** What shows that level, as sentences; of the first there is nothing to show. */
  readonly capabilityBecause: readonly string[];
  /** What the manifests declare, as OperatorHub has it: `Deep Insights`; absent: they declare none. */
  readonly declaredCapability?: string;
}

/** From the strongest on: the first that has a finding is the verdict. */
const ORDER: readonly { readonly verdict: Verdict; readonly aspects: readonly Aspect[] }[] = [
  { verdict: 'external', aspects: ['egress'] },
  { verdict: 'operate', aspects: ['calls-workloads'] },
  { verdict: 'unknown', aspects: ['nothing'] },
  { verdict: 'external', aspects: ['random'] },
  {
    verdict: 'operate',
    aspects: ['follows-status', 'time', 'history', 'restart', 'acts-on-deletion', 'admits-others'],
  },
  {
    verdict: 'compose',
    aspects: ['reads-other', 'foreign-namespace', 'crosses-namespaces', 'edits-others', 'writes-own-spec'],
  },
  { verdict: 'heal', aspects: ['heals'] },
  { verdict: 'render-with-secrets', aspects: ['random-secret'] },
  { verdict: 'render', aspects: ['stable', 'stamps', 'uses-metadata'] },
];

const OF_THE_SPEC: readonly Verdict[] = ['heal', 'render-with-secrets', 'render'];

/** Whether a verdict says that nothing but the spec counts, so that a chart does; nobody can say so who tried nothing of it. */
export function isOfTheSpec(verdict: Verdict): boolean {
  return OF_THE_SPEC.includes(verdict);
}

/** Judges an operator by what was found, and no more than that. */
export function judge(findings: readonly Finding[], coverage: Coverage, declared?: string): Judgement {
  const level = {
    ...capabilityOf(findings, coverage),
    ...(declared !== undefined && { declaredCapability: declared }),
  };
  for (const { verdict, aspects } of ORDER) {
    const because = findings.filter(({ aspect }) => aspects.includes(aspect));
    if (because.length === 0) continue;
    if (isOfTheSpec(verdict) && coverage.leaves.all > 0 && coverage.leaves.exercised === 0) break;
    return { verdict, because, confidence: confidenceIn(verdict, coverage), ...level };
  }
  return { verdict: 'unknown', because: [], confidence: 'low', ...level };
}

/** That something happens is sure once it was seen; that nothing does is as sure as everything was tried. */
function confidenceIn(verdict: Verdict, { leaves, gaps, limits }: Coverage): Judgement['confidence'] {
  if (verdict === 'external' || verdict === 'operate') return 'high';
  if (verdict === 'unknown' || gaps.length > 0) return 'low';
  // without any there is no telling of what it makes something
  if (leaves.exercised === 0) return 'low';
  return leaves.exercised >= 0.9 * leaves.all && limits.length === 0 ? 'high' : 'medium';
}

/** Each level needs the one below it. */
function capabilityOf(
  findings: readonly Finding[],
  { influence }: Coverage,
): Pick<Judgement, 'capability' | 'capabilityBecause'> {
  const has = (aspect: Aspect): boolean => findings.some((finding) => finding.aspect === aspect);
  const places = [...influence].flatMap(([leaf, changed]) => changed.map((place) => `spec${leaf} changes ${place}`));
  // that nothing is made by a bad image is no upgrade
  const upgrades = places.filter((line) => /image|version/i.test(line) && /: \//.test(line)).slice(0, 2);
  const second = [
    ...upgrades,
    ...(has('heals') ? ['it puts back what was changed'] : []),
    ...(has('reports-status') ? ['it tells the status of what it made'] : []),
  ];
  if (second.length === 0 && !has('follows-status')) return { capability: 1, capabilityBecause: [] };
  if (!has('follows-status')) return { capability: 2, capabilityBecause: second };
  const third = [...second, 'it acts by the status of what it made'];
  const insights = places.filter((line) => line.includes('monitoring.coreos.com')).slice(0, 1);
  return insights.length === 0
    ? { capability: 3, capabilityBecause: third }
    : { capability: 4, capabilityBecause: [...third, ...insights] };
}
