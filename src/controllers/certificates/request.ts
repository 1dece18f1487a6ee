import type { KubeObject } from 'nekube/apimachinery';
import type { Kind } from 'nekube/client';

/** A condition of a request. */
export interface RequestCondition {
  readonly type: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string | null;
}

/** A CertificateSigningRequest. */
export interface CertificateRequestObject extends KubeObject {
  spec: {
    signerName: string;
    request: string;
    usages?: readonly string[];
    expirationSeconds?: number;
    username?: string;
    uid?: string;
    groups?: readonly string[];
    extra?: Readonly<Record<string, readonly string[]>>;
  };
  status?: { certificate?: string; conditions?: readonly RequestCondition[] };
}

/** CertificateSigningRequests. */
export const CERTIFICATE_REQUEST: Kind<CertificateRequestObject> = {
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
};

/** Whether it has a condition of a type, of any status but `ofStatus` where that is given. */
export function hasRequestCondition({ status }: CertificateRequestObject, type: string, ofStatus?: string): boolean {
  const found = status?.conditions ?? [];
  return found.some((one) => one.type === type && (ofStatus === undefined || one.status === ofStatus));
}

/** The same request with a condition more. */
export function withRequestCondition(
  request: CertificateRequestObject,
  condition: RequestCondition,
): CertificateRequestObject {
  const { status = {} } = request;
  return { ...request, status: { ...status, conditions: [...(status.conditions ?? []), condition] } };
}
