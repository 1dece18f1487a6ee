import { newFailure, newTimeoutError, type StatusError } from 'nekube/apimachinery';
import { Code, type GrpcError, isGrpcError, nameOf } from 'nekube/grpc';

/** True if etcd has compacted what was asked for. */
export function isCompacted(error: unknown): boolean {
  return isGrpcError(error) && error.details.includes('required revision has been compacted');
}

/** True if the lease that a write names is gone. */
export function isLeaseGone(error: unknown): boolean {
  return isGrpcError(error) && error.details.includes('requested lease not found');
}

/** True if the token is not known (any more): etcd was restarted, or somebody changed users or roles. */
export function isTokenRefused({ details }: { readonly details: string }): boolean {
  return details.includes('invalid auth token') || details.includes('revision of auth store is old');
}

/** True if the request never came to be handled, so that it may be sent again whatever it does. */
export function wasNotSent({ code, details }: GrpcError): boolean {
  if (code !== Code.unavailable) return false;
  return details.startsWith('No connection established') || details === 'etcdserver: no leader';
}

/** True if another member, or the same one later, may answer. */
export function isTransient({ code, details }: GrpcError): boolean {
  return (
    code === Code.unavailable ||
    code === Code.deadlineExceeded ||
    (code === Code.internal && details.includes('RST_STREAM')) ||
    details === 'etcdserver: too many requests'
  );
}

/** What kube-apiserver answers when a call to etcd fails so: etcd's own words, or Go's. */
export function statusOf(error: GrpcError): StatusError {
  const status =
    error.code === Code.deadlineExceeded
      ? newTimeoutError('request did not complete within requested timeout - context deadline exceeded', 0)
      : newFailure(500, '', textOf(error));
  status.cause = error;
  return status;
}

/** What crosses the door of the storage: a failed call as its status, all else as it is. */
export function crossing(error: unknown): unknown {
  return isGrpcError(error) ? statusOf(error) : error;
}

/** A failed call in words. */
export function textOf({ code, details }: GrpcError): string {
  return details.startsWith('etcdserver: ') ? details : `rpc error: code = ${nameOf(code)} desc = ${details}`;
}
