import type { FieldError, KubeObject } from 'nekube/apimachinery';
import { csrChecks } from './certificates/checks.ts';
import { preserveDecisions, requestedBy, stampConditions } from './certificates/prepare.ts';
import { checkCsrUpdate, keptOf, type UpdateRights } from './certificates/update.ts';
import type { ResourceRules, WriteContext } from './resource-rules.ts';
import { validateWith } from './rule.ts';
import { takeOver } from './strategy.ts';

/** The rules of certificates.k8s.io. Requests are made once; then only status and approval are written. */
export const certificatesRules: Readonly<Record<string, ResourceRules>> = {
  certificatesigningrequests: {
    prepareForCreate: (csr, { user }) => {
      requestedBy(csr, user);
      csr.status = {};
    },
    prepareForUpdate: (csr, old) => {
      takeOver(csr, old, 'spec');
      takeOver(csr, old, 'status');
    },
    resetFields: [['spec'], ['status']],
    nameCheck: () => [],
    validate: (csr) => validateWith(csrChecks({}), csr),
    validateUpdate: (csr, old) => validateUpdate(csr, old, {}),
    selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
    subresources: {
      approval: {
        prepareForUpdate: prepareApproval,
        resetFields: [['spec'], ['status', 'certificate']],
        validateUpdate: (csr, old) => validateUpdate(csr, old, { decides: true }),
      },
      status: {
        prepareForUpdate: prepareStatus,
        resetFields: [['spec'], ['status', 'conditions']],
        validateUpdate: (csr, old) => validateUpdate(csr, old, { issues: true }),
      },
    },
  },
};

/** Who approves writes conditions and nothing else. */
function prepareApproval(csr: KubeObject, old: KubeObject, { now }: WriteContext): void {
  stampConditions(csr, old, now);
  const { conditions } = csr.status ?? {};
  takeOver(csr, old, 'spec');
  csr.status = { ...old.status, ...(conditions && { conditions }) };
  if (!conditions) delete csr.status.conditions;
}

/** Who signs writes the certificate and conditions, of which approval and denial stay. */
function prepareStatus(csr: KubeObject, old: KubeObject, { now }: WriteContext): void {
  takeOver(csr, old, 'spec');
  preserveDecisions(csr, old);
  stampConditions(csr, old, now);
}

function validateUpdate(csr: KubeObject, old: KubeObject, rights: UpdateRights): FieldError[] {
  return validateWith([...[csrChecks(keptOf(csr, old))].flat(), checkCsrUpdate(rights)], csr, old);
}
