import { formatTime } from 'nekube/apimachinery';
import { isSigner, signForSigner } from 'nekube/pki';
import type { BuiltinController } from '../builtin-controller.ts';
import { requestOptions } from './retry.ts';
import {
  CERTIFICATE_REQUEST,
  type CertificateRequestObject,
  hasRequestCondition,
  withRequestCondition,
} from './request.ts';

/** Signs the requests to Kubernetes' signers that are approved, or says why not. */
export const certificateSigningController: BuiltinController = {
  name: 'certificatesigningrequest-signing-controller',
  setUp({ manager, client, clock, settings, signingCa }) {
    if (signingCa === undefined) {
      manager.logger.info('No certificates are signed here: no CA was handed in', { controller: this.name });
      return;
    }
    manager
      .controller(this.name, requestOptions(clock))
      .for(CERTIFICATE_REQUEST)
      .reconcile(async (_key, { object: request, signal }) => {
        if (request === undefined || !isWaiting(request)) return;
        const now = new Date(clock.now());
        const terms = { longestMs: settings.clusterSigningDurationMs, now };
        const { certificate, problem } = signForSigner(request.spec, signingCa, terms);
        const next =
          problem === undefined
            ? { ...request, status: { ...request.status, certificate: Buffer.from(certificate!).toString('base64') } }
            : withRequestCondition(request, failure(problem, now));
        const written = { ...CERTIFICATE_REQUEST, ...next };
        await client.update<CertificateRequestObject>(written, { subresource: 'status', signal });
      });
  },
};

function isWaiting(request: CertificateRequestObject): boolean {
  if (!isSigner(request.spec.signerName) || request.status?.certificate) return false;
  const isApproved = hasRequestCondition(request, 'Approved') && !hasRequestCondition(request, 'Denied');
  return isApproved && !hasRequestCondition(request, 'Failed', 'True');
}

function failure(message: string, now: Date) {
  const reason = 'SignerValidationFailure';
  return { type: 'Failed', status: 'True', reason, message, lastUpdateTime: formatTime(now) };
}
