import { validateObjectMeta } from '../meta.ts';
import type { ResourceRules } from '../resource-rules.ts';
import type { Loose } from '../rule.ts';

const MOUNTABLE_SECRETS = 'kubernetes.io/enforce-mountable-secrets';

/** Of the secrets it may use, an account keeps the names. */
function keepSecretNames(account: Loose): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }: Loose) => (name ? { name } : {}));
}

/** The rules of service accounts. */
export const serviceAccountRules: ResourceRules = {
  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
  validateUpdate: (account) => validateObjectMeta(account.metadata, { namespaced: true }),
  warnings: ({ metadata }, old) => {
    if (old?.metadata.annotations?.[MOUNTABLE_SECRETS] !== undefined) return [];
    if (metadata.annotations?.[MOUNTABLE_SECRETS] === undefined) return [];
    const advice = 'prefer separate namespaces to isolate access to mounted secrets';
    return [`metadata.annotations[${MOUNTABLE_SECRETS}]: deprecated in v1.32+; ${advice}`];
  },
  returnsDeletedObject: true,
};
