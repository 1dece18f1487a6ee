import { type Decision, isMalformedPattern, parsePathPattern, type PathPattern } from 'nekube/smd';

/** A caller's decision about the fields that a pattern means, for this apply only: `force=.spec.replicas`. */
export interface FieldDecision {
  readonly decision: Decision;
  readonly pattern: PathPattern;
  /** As it was written. */
  readonly text: string;
}

/** Says why a text is no decision. */
export interface MalformedDecision {
  /** The whole sentence, which names the text. */
  readonly malformed: string;
  readonly fix: string;
}

/** What a caller can decide; `Lease` and `Ask` are for policies. */
export const CALLER_DECISIONS: readonly Decision[] = ['force', 'fail', 'share', 'yield'];

/** Reads `DECISION=PATH`. Never throws. */
export function parseFieldDecision(text: string): FieldDecision | MalformedDecision {
  const at = text.indexOf('=');
  const decision = CALLER_DECISIONS.find((one) => one === text.slice(0, Math.max(at, 0)));
  if (decision === undefined) {
    const fix = `write one of ${CALLER_DECISIONS.join(', ')}, =, and a path, as in force=.spec.replicas`;
    return { malformed: `${JSON.stringify(text)} does not begin with a decision`, fix };
  }
  const pattern = parsePathPattern(text.slice(at + 1));
  if (isMalformedPattern(pattern))
    return { malformed: `${JSON.stringify(text)}: ${pattern.malformed}`, fix: pattern.fix };
  return { decision, pattern, text };
}

/** True for the answer to a text that is no decision. */
export function isMalformedDecision(read: FieldDecision | MalformedDecision): read is MalformedDecision {
  return 'malformed' in read;
}
