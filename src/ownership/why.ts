import { type Why as PolicyWhy, whyText as policyWhyText } from 'nekube/fieldpolicy';

/**
 * Why a conflict fails when it need not: what a policy has met, or why a decision cannot be carried out. It is data for who
 * says it in another language; `whyText` is the sentence of messages.
 */
export type Why =
  | PolicyWhy
  | { readonly code: 'AsksPerson' }
  /** What is applied does not fit its schema. */
  | { readonly code: 'ConfigurationMalformed'; readonly problem: string }
  /** The cluster states no schema of the kind, by which to take a field out of what is applied. */
  | { readonly code: 'NoSchema'; readonly decision: string; readonly kind: string; readonly note: string }
  /** The applied version has no such field. */
  | { readonly code: 'NoSuchField'; readonly decision: string; readonly kind: string; readonly path: string }
  | { readonly code: 'ConflictRemains' };

/** The English sentence. */
export function whyText(why: Why): string {
  switch (why.code) {
    case 'AsksPerson':
      return 'it asks a person';
    case 'ConfigurationMalformed':
      return why.problem;
    case 'NoSchema':
      return `cannot ${why.decision}: ${why.note}`;
    case 'NoSuchField':
      return `cannot ${why.decision}: ${why.kind} has no ${why.path}`;
    case 'ConflictRemains':
      return 'it is in conflict still when the other decisions are carried out';
    default:
      return policyWhyText(why);
  }
}
