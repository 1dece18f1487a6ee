import type { Why } from 'nekube/ownership';
import { editTexts as t } from './texts.ts';

/** Why a conflict is decided as it is, in the language that is shown; what `saidBy` gives goes after it. */
export function reasonText(why: Why): string {
  switch (why.code) {
    case 'Malformed':
      return t.whyMalformed;
    case 'UserUnknown':
      return t.whyUserUnknown(why.field);
    case 'ClaimTimeUnknown':
      return t.whyClaimTimeUnknown(why.field, why.manager);
    case 'ConditionFailed':
      return t.whyCondition;
    case 'ConditionOfSecretFailed':
      return t.whyConditionOfSecret;
    case 'LeaseHolds':
      return t.whyLeaseHolds(why.manager, why.seconds);
    case 'AsksPerson':
      return t.whyAsks;
    case 'ConfigurationMalformed':
      return t.whyConfiguration;
    case 'NoSchema':
      return t.whyNoSchema(decided(why.decision), why.kind);
    case 'NoSuchField':
      return t.whyNoSuchField(decided(why.decision), why.kind, why.path);
    case 'ConflictRemains':
      return t.whyConflictRemains;
  }
}

/** What a reader or an evaluation says of it, in its own words, which are English. */
export function saidBy(why: Why): string | undefined {
  switch (why.code) {
    case 'Malformed':
    case 'ConfigurationMalformed':
      return why.problem;
    case 'ConditionFailed':
      return why.error;
    default:
      return undefined;
  }
}

/** Who decided; a policy is named by its kind. */
export function deciderText(by: string): string {
  return t.decidedBy(by === 'the server' ? t.theServer : by.replace(/^policy /, ''));
}

function decided(decision: string): string {
  return { yield: t.leave, share: t.share }[decision] ?? decision;
}
