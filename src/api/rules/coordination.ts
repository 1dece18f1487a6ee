import { invalid, nameIsDnsSubdomain } from 'nekube/apimachinery';
import type { ResourceRules } from './resource-rules.ts';
import { defined, fields, nonNegative, validateWith } from './rule.ts';
import { prepare } from './strategy.ts';

const checks = fields({
  spec: fields({
    leaseDurationSeconds: defined((seconds, path, { errors }) => {
      if (seconds <= 0) errors.push(invalid(path, seconds, 'must be greater than 0'));
    }),
    leaseTransitions: nonNegative,
  }),
});

/** Fields of coordinated leader election, which is off. */
const electionFields = ['strategy', 'preferredHolder'];

/** The rules of coordination.k8s.io. */
export const coordinationRules: Readonly<Record<string, ResourceRules>> = {
  leases: {
    ...prepare({
      prepareForCreate: ({ spec }) => {
        for (const field of electionFields) delete spec?.[field];
      },
      prepareForUpdate: ({ spec }, old) => {
        for (const field of electionFields) if ((old.spec?.[field] ?? null) === null) delete spec?.[field];
      },
    }),
    nameCheck: nameIsDnsSubdomain,
    validate: (lease) => validateWith(checks, lease),
    validateUpdate: (lease, old) => validateWith(checks, lease, old),
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  },
};
