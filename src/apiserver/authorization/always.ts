import { SYSTEM_MASTERS } from '../user.ts';
import { type Authorizer, NO_OPINION } from './authorizer.ts';
import type { RuleResolver } from './rule-resolver.ts';

/** Allows everything, to everyone. */
export const alwaysAllow: Authorizer = { authorize: () => ({ decision: 'allow', reason: '' }) };

/** Allows nothing, to nobody. */
export const alwaysDeny: Authorizer = {
  authorize: () => ({ decision: 'no-opinion', reason: 'Everything is forbidden.' }),
};

/** Allows members of system:masters everything, whatever other authorizers say; of the others it knows nothing. */
export const privilegedGroup: Authorizer = {
  authorize: ({ user }) => (user.groups.includes(SYSTEM_MASTERS) ? { decision: 'allow', reason: '' } : NO_OPINION),
};

/** The rules of who may do everything. */
export const allRules: RuleResolver = {
  rulesFor: () => ({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    incomplete: false,
  }),
};
