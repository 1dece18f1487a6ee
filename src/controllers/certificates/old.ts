import { X509Certificate } from 'node:crypto';
import { type CertificateRequestObject, hasRequestCondition } from './request.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Why a request is of no use to anybody any more; undefined: it may be.
 *
 * @param now in milliseconds since 1970
 */
export function whyOld(request: CertificateRequestObject, now: number): string | undefined {
  const { metadata, status } = request;
  const isIssued = Boolean(status?.certificate);
  const isPast = (time: string | null | undefined, ms: number): boolean =>
    time !== undefined && time !== null && now - Date.parse(time) > ms;
  const isSince = (type: string, ms: number): boolean =>
    (status?.conditions ?? []).some((one) => one.type === type && isPast(one.lastUpdateTime, ms));
  if (hasRequestCondition(request, 'Approved') && isIssued && hasExpired(status!.certificate!, now))
    return 'its certificate has expired';
  if ((status?.conditions ?? []).length === 0 && isPast(metadata.creationTimestamp, DAY_MS))
    return 'nobody answered it';
  if (isSince('Denied', HOUR_MS)) return 'it was denied';
  if (isSince('Failed', HOUR_MS)) return 'it failed';
  if (isIssued && isSince('Approved', HOUR_MS)) return 'its certificate was fetched long ago';
  if (!isIssued && isSince('Approved', DAY_MS)) return 'nobody signed it';
  return undefined;
}

function hasExpired(certificate: string, now: number): boolean {
  try {
    return now > Date.parse(new X509Certificate(Buffer.from(certificate, 'base64')).validTo);
  } catch {
    return false;
  }
}
