import { type FieldError, invalid } from 'nekube/apimachinery';
import { type Decision, type FieldPath, isMalformedPattern, parsePathPattern, type PathPattern } from 'nekube/smd';

/** The parameter of an apply by which its caller decides conflicts, for itself only. */
export const FIELD_DECISION = 'fieldDecision';

/** What a caller decides about conflicts. */
export interface CallerDecision {
  readonly decision: Decision;
  readonly pattern: PathPattern;
}

const DECISIONS: readonly Decision[] = ['fail', 'force', 'share', 'yield'];
const FORM =
  'must be DECISION=PATH, as in "force=.spec.replicas"; DECISION is one of "fail", "force", "share", "yield"';

/** Reads the values of the parameter; what is wrong with one goes to `errors`, with the fix. */
export function parseCallerDecisions(values: readonly string[], errors: FieldError[]): readonly CallerDecision[] {
  return values.flatMap((value) => {
    const at = value.indexOf('=');
    const decision = DECISIONS.find((one) => one === value.slice(0, at));
    if (at < 0 || decision === undefined) {
      errors.push(invalid(FIELD_DECISION, value, FORM));
      return [];
    }
    const pattern = parsePathPattern(value.slice(at + 1));
    if (isMalformedPattern(pattern)) {
      errors.push(invalid(FIELD_DECISION, value, `${pattern.malformed}; ${pattern.fix}`));
      return [];
    }
    return [{ decision, pattern }];
  });
}

/** The first that is about a field. */
export function callerDecisionFor(decisions: readonly CallerDecision[], path: FieldPath): CallerDecision | undefined {
  return decisions.find(({ pattern }) => pattern.matches(path));
}
