import { type LabelSelector, labelSelectorFromObject } from 'nekube/apimachinery';
import { isMalformedPattern, parsePathPattern, type PathPattern } from 'nekube/smd';
import { checkPolicy } from './check-policy.ts';
import { compileCondition, type Condition } from './condition.ts';
import type { FieldPolicy } from './types.ts';
import { compileWindow, type WindowTest } from './window.ts';

/** A policy that is ready to be asked. */
export interface CompiledPolicy {
  readonly policy: FieldPolicy;
  /** For people: `FieldPolicy shop/replicas`, `ClusterFieldPolicy replicas`. */
  readonly title: string;
  /** Why it cannot be evaluated, with the field and the fix; a policy with any decides fail for whatever it may be about. */
  readonly problems: readonly string[];
  /** Of each part: undefined if nothing is asked. A part that has a problem is a text. */
  readonly fields: readonly PathPattern[] | string | undefined;
  readonly labels: LabelSelector | string | undefined;
  readonly window: WindowTest | string | undefined;
  readonly condition: Condition | string | undefined;
}

/** Compiles a policy. Never throws: what is wrong with it is told in its problems. */
export function compilePolicy(policy: FieldPolicy): CompiledPolicy {
  const title = titleOf(policy);
  const shape = checkPolicy(policy);
  const nothing = { fields: undefined, labels: undefined, window: undefined, condition: undefined };
  if (shape.length > 0) return { policy, title, problems: shape, ...nothing };
  const { match, condition } = policy.spec;
  const parts = {
    fields: match.fields && compileFields(match.fields),
    labels: match.labelSelector && compileLabels(match.labelSelector),
    window: match.window && compileWindow(match.window),
    condition: condition === undefined ? undefined : compileCondition(condition),
  };
  const problems = Object.values(parts).flatMap((part) => (typeof part === 'string' ? [`spec.${part}`] : []));
  return { policy, title, problems, ...parts };
}

/** A policy as it is named in verdicts: with its kind, and its namespace where it has one. */
export function titleOf({ kind, metadata }: FieldPolicy): string {
  const { name = '', namespace } = metadata ?? {};
  return kind === 'FieldPolicy' ? `${kind} ${namespace ?? ''}/${name}` : `${kind} ${name}`;
}

function compileFields(texts: readonly string[]): readonly PathPattern[] | string {
  const patterns: PathPattern[] = [];
  for (const [i, text] of texts.entries()) {
    const pattern = parsePathPattern(text);
    if (isMalformedPattern(pattern)) return `match.fields[${i}]: ${pattern.malformed}; ${pattern.fix}`;
    patterns.push(pattern);
  }
  return patterns;
}

function compileLabels(selector: Parameters<typeof labelSelectorFromObject>[0]): LabelSelector | string {
  try {
    return labelSelectorFromObject(selector);
  } catch (error) {
    return `match.labelSelector: ${error instanceof Error ? error.message : String(error)}`;
  }
}
