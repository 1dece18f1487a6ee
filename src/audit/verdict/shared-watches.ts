import type { Coverage, Finding } from './finding.ts';
import { judge, type Judgement } from './verdict.ts';

/** What was found with one kind of resources. */
export interface KindFindings {
  readonly findings: readonly Finding[];
  readonly coverage: Coverage;
  readonly judgement: Judgement;
}

/**
 * The same without what a watch alone tells against it, if the operator makes what it watches of another kind of resources: it watches that
 * for the other one, as it would be with an operator for each kind.
 *
 * @param made of which kinds it makes objects, of the other resources: `deployments.apps`
 */
export function withoutSharedWatches<T extends KindFindings>(one: T, made: ReadonlySet<string>): T {
  const { watchLimits = new Map<string, string>() } = one.coverage;
  const explained = new Set([...watchLimits].filter(([kind]) => made.has(kind)).map(([, limit]) => limit));
  const isExplained = (line: string): boolean => made.has(line.split(' ')[1] ?? '');
  const findings = one.findings.flatMap((finding): readonly Finding[] => {
    if (finding.aspect !== 'watches-others') return [finding];
    const evidence = finding.evidence.filter((line) => !isExplained(line));
    return evidence.length === 0 ? [] : [{ ...finding, evidence }];
  });
  const limits = one.coverage.limits.filter((limit) => !explained.has(limit));
  const coverage = { ...one.coverage, limits };
  return { ...one, findings, coverage, judgement: judge(findings, coverage, one.judgement.declaredCapability) };
}
