import { isKubeletClientRequest, parseCertificateRequest } from 'nekube/pki';
import type { Client } from 'nekube/client';
import type { BuiltinController } from '../builtin-controller.ts';
import { requestOptions } from './retry.ts';
import {
  CERTIFICATE_REQUEST,
  type CertificateRequestObject,
  hasRequestCondition,
  withRequestCondition,
} from './request.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
const REVIEW = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' };

/** Approves the certificates that kubelets ask for as clients, where their users may ask for them. */
export const certificateApprovingController: BuiltinController = {
  name: 'certificatesigningrequest-approving-controller',
  setUp({ manager, client, clock }) {
    manager
      .controller(this.name, requestOptions(clock))
      .for(CERTIFICATE_REQUEST)
      .reconcile(async (_key, { object: request, signal }) => {
        if (request === undefined || request.status?.certificate) return undefined;
        if (hasRequestCondition(request, 'Approved') || hasRequestCondition(request, 'Denied')) return undefined;
        const possible = recognized(request);
        for (const { subresource, message } of possible) {
          if (!(await mayCreate(client, request, subresource))) continue;
          const approval = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
          const approved = { ...CERTIFICATE_REQUEST, ...withRequestCondition(request, approval) };
          await client.update<CertificateRequestObject>(approved, { subresource: 'approval', signal });
          return undefined;
        }
        // the permission may be given later
        return possible.length === 0 ? undefined : { requeue: true };
      });
  },
};

/** What a request may be approved as: that of the node itself, or of whoever asks for nodes. */
export function recognized({ spec }: CertificateRequestObject): { subresource: string; message: string }[] {
  if (spec.signerName !== SIGNER) return [];
  const parsed = parseCertificateRequest(spec.request);
  if (parsed === undefined) throw new Error('unable to parse csr: it holds no certificate request');
  if (!isKubeletClientRequest(parsed, spec.usages ?? [])) return [];
  const message = (whose: string) => `Auto approving ${whose}kubelet client certificate after SubjectAccessReview.`;
  const own = { subresource: 'selfnodeclient', message: message('self ') };
  const any = { subresource: 'nodeclient', message: message('') };
  return spec.username === parsed.commonName ? [own, any] : [any];
}

async function mayCreate(
  client: Client,
  { spec: { username: user, uid, groups, extra } }: CertificateRequestObject,
  subresource: string,
): Promise<boolean> {
  const resource = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', version: '*' };
  const resourceAttributes = { ...resource, verb: 'create', subresource };
  const review = await client.create({
    ...REVIEW,
    metadata: {},
    spec: { user, uid, groups, extra, resourceAttributes },
  });
  return (review as { readonly status?: { readonly allowed?: boolean } }).status?.allowed === true;
}
