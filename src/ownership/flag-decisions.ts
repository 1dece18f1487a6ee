import { type Decision, isMalformedPattern, parsePathPattern, type PathPattern } from 'nekube/smd';
import type { Decide } from './apply-decided.ts';

/** What a caller says of fields: `force=.spec.replicas`. */
export interface FlagDecision {
  readonly decision: Decision;
  readonly pattern: PathPattern;
}

const DECISIONS: readonly string[] = ['fail', 'yield', 'share', 'force'] satisfies Decision[];

/** Reads `DECISION=PATH`; a text is what is wrong with it, and the fix. */
export function parseFlagDecision(text: string): FlagDecision | string {
  const equals = text.indexOf('=');
  const decision = text.slice(0, Math.max(equals, 0));
  if (!DECISIONS.includes(decision))
    return `${JSON.stringify(text)} must be DECISION=PATH with one of ${DECISIONS.join(', ')}, as in force=.spec.replicas`;
  const pattern = parsePathPattern(text.slice(equals + 1));
  if (isMalformedPattern(pattern)) return `${pattern.malformed}; ${pattern.fix}`;
  return { decision: decision as Decision, pattern };
}

/** Of several decisions the first whose path matches counts; what none matches goes to `otherwise`. */
export function decideByFlags(decisions: readonly FlagDecision[], otherwise: Decide): Decide {
  if (decisions.length === 0) return otherwise;
  return async (conflicts, context) => {
    const rest = await otherwise(conflicts, context);
    return conflicts.map(({ path }, i) => {
      const found = decisions.find(({ pattern }) => pattern.matches(path));
      if (found === undefined) return rest[i]!;
      return { decision: found.decision, by: `--decide ${found.decision}=${found.pattern.text}` };
    });
  };
}
