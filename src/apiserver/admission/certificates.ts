import { jsonEqual } from 'nekube/apimachinery';
import { parseCertificateRequest } from 'nekube/pki';
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';
import type { Authorizer } from '../authorization/authorizer.ts';
import type { UserInfo } from '../user.ts';
import type { PluginDeps } from './plugin-deps.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';

function isRequest({ resource, subresource }: AdmissionAttributes, wanted: string): boolean {
  return (
    resource.group === 'certificates.k8s.io' &&
    resource.resource === 'certificatesigningrequests' &&
    subresource === wanted
  );
}

/** Only who may approve for a signer approves requests to it. */
export function certificateApproval({ authorizer }: PluginDeps): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    async validate(attributes) {
      const { operation, old, user } = attributes;
      if (operation !== 'UPDATE' || !isRequest(attributes, 'approval')) return;
      const { signerName } = old!.spec;
      if (await mayActFor(authorizer, user, 'approve', signerName)) return;
      throw admissionForbidden(attributes, `user not permitted to approve requests with signerName "${signerName}"`);
    },
  };
}

/** Only who may sign for a signer gives requests to it their certificate, or a condition. */
export function certificateSigning({ authorizer }: PluginDeps): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    async validate(attributes) {
      const { operation, object, old, user } = attributes;
      if (operation !== 'UPDATE' || !isRequest(attributes, 'status')) return;
      const [now, before] = [object!.status ?? {}, old!.status ?? {}];
      const isSame = (now.certificate ?? '') === (before.certificate ?? '');
      if (isSame && jsonEqual(now.conditions ?? [], before.conditions ?? [])) return;
      const { signerName } = old!.spec;
      if (await mayActFor(authorizer, user, 'sign', signerName)) return;
      throw admissionForbidden(attributes, `user not permitted to sign requests with signerName "${signerName}"`);
    },
  };
}

/** Nobody becomes a member of system:masters by a certificate that he asked for. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(attributes) {
    const { operation, object } = attributes;
    if (operation !== 'CREATE' || !isRequest(attributes, '') || object!.spec.signerName !== CLIENT_SIGNER) return;
    if (!parseCertificateRequest(object!.spec.request)?.organizations.includes(MASTERS)) return;
    throw admissionForbidden(attributes, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};

/** Whether the user may act for this signer, or for all of its domain. */
async function mayActFor(authorizer: Authorizer, user: UserInfo, verb: string, signer: string): Promise<boolean> {
  for (const name of [signer, `${signer.split('/')[0]}/*`]) {
    const { decision } = await authorizer.authorize({
      user,
      verb,
      resourceRequest: true,
      path: '',
      namespace: '',
      apiGroup: 'certificates.k8s.io',
      apiVersion: '*',
      resource: 'signers',
      subresource: '',
      name,
    });
    if (decision === 'allow') return true;
  }
  return false;
}
