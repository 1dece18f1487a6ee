/**
 * Why a policy decides what it does, where that is not what it is written to decide: a code, and what the sentence tells of.
 * It is data for who says it in another language; `whyText` is the sentence of messages.
 */
export type Why =
  /** The policy itself is wrong. */
  | { readonly code: 'Malformed'; readonly problem: string }
  /** It asks who applies. */
  | { readonly code: 'UserUnknown'; readonly field: 'match.users' | 'match.groups' }
  /** It asks how old a claim is that has no time. */
  | { readonly code: 'ClaimTimeUnknown'; readonly field: 'match.claimAge' | 'lease'; readonly manager: string }
  | { readonly code: 'ConditionFailed'; readonly error: string }
  /** As before; errors of conditions show values, and are told in warnings and audit logs. */
  | { readonly code: 'ConditionOfSecretFailed' }
  | { readonly code: 'LeaseHolds'; readonly manager: string; readonly seconds: number };

/** The English sentence. */
export function whyText(why: Why): string {
  switch (why.code) {
    case 'Malformed':
      return `it cannot be evaluated: ${why.problem}`;
    case 'UserUnknown':
      return `it cannot be evaluated: ${why.field}: it is not known who applies`;
    case 'ClaimTimeUnknown':
      return `it cannot be evaluated: ${why.field}: the claim of ${JSON.stringify(why.manager)} has no time`;
    case 'ConditionFailed':
      return `its condition cannot be evaluated: ${why.error}`;
    case 'ConditionOfSecretFailed':
      return 'its condition cannot be evaluated: why is not told of a Secret, whose values it might show';
    case 'LeaseHolds':
      return `the lease of ${JSON.stringify(why.manager)} holds for ${why.seconds}s more`;
  }
}
