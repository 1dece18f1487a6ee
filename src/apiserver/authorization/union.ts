import type { AuthorizationAttributes, Authorizer, Decision } from './authorizer.ts';

/**
 * Asks one authorizer after the other, until one has an opinion. If none has, their reasons and errors are given
 * together.
 */
export function unionOf(authorizers: readonly Authorizer[]): Authorizer {
  return { authorize: (attributes) => askFrom(authorizers, 0, attributes, [], []) };
}

/** Asks without waiting, as long as the answers are there at once. */
function askFrom(
  authorizers: readonly Authorizer[],
  from: number,
  attributes: AuthorizationAttributes,
  reasons: string[],
  errors: string[],
): Decision | Promise<Decision> {
  for (let i = from; i < authorizers.length; i++) {
    const answer = authorizers[i]!.authorize(attributes);
    if (answer instanceof Promise)
      return answer.then((decision) =>
        isFinal(decision, reasons, errors) ? decision : askFrom(authorizers, i + 1, attributes, reasons, errors),
      );
    if (isFinal(answer, reasons, errors)) return answer;
  }
  return {
    decision: 'no-opinion',
    reason: reasons.join('\n'),
    ...(errors.length > 0 && { error: aggregate(errors) }),
  };
}

function isFinal({ decision, reason, error }: Decision, reasons: string[], errors: string[]): boolean {
  if (reason !== '') reasons.push(reason);
  if (error !== undefined) errors.push(error);
  return decision !== 'no-opinion';
}

/** Several errors as one, the way Go's aggregates print: each text once, in brackets if there is more than one. */
export function aggregate(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`;
}
