import { errorText } from './error-text.ts';
import { aggregateErrors, type FieldError, goQuote } from './field-error.ts';
import type { JsonObject } from './value.ts';

/** The machine-readable reasons of a failure (metav1.StatusReason). */
export type StatusReason =
  | ''
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Invalid'
  | 'ServerTimeout'
  | 'StoreReadError'
  | 'Timeout'
  | 'TooManyRequests'
  | 'BadRequest'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'InternalError'
  | 'Expired'
  | 'ServiceUnavailable'
  | 'Unknown';

/** One cause of a failure; `field` names it in JSON notation. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

/** What a failed (or a successful delete's) answer says: `metav1.Status`. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: JsonObject;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: StatusReason;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: StatusCause[];
    retryAfterSeconds?: number;
  };
  code?: number;
}

/** A group and resource (or kind) as messages name it: `deployments.apps`, and `pods` for the core group. */
export interface GroupResource {
  readonly group: string;
  readonly resource: string;
}

/** `resource.group`, or the bare resource in the core group. */
export function qualified(gr: GroupResource): string {
  return gr.group === '' ? gr.resource : `${gr.resource}.${gr.group}`;
}

/** The error of everything that an API answers; `status` goes on the wire unchanged. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? status.reason ?? 'unknown failure', options);
    this.name = 'StatusError';
    this.status = status;
  }

  /** A StatusError as it is; anything else becomes an InternalError with the thrown value as its cause. */
  static from(thrown: unknown): StatusError {
    if (isStatusError(thrown)) return thrown;
    const text = errorText(thrown);
    return new StatusError(newInternalError(text).status, { cause: thrown });
  }
}

/** Tells a StatusError, of a reason if one is given; also one from another copy of this package. */
export function isStatusError(e: unknown, reason?: StatusReason): e is StatusError {
  if (!(e instanceof Error) || e.name !== 'StatusError' || !('status' in e)) return false;
  return reason === undefined || (e as StatusError).status.reason === reason;
}

/** A failure with all its parts; details only where there are some. */
export function newFailure(
  code: number,
  reason: StatusReason,
  message: string,
  details?: Status['details'],
): StatusError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message };
  if (reason !== '') status.reason = reason;
  if (details !== undefined) status.details = details;
  status.code = code;
  return new StatusError(status);
}

/** Details as Go writes them: empty name, group and kind are left out. */
function detailsOf(gr: GroupResource, name: string, more: Status['details'] = {}): NonNullable<Status['details']> {
  return {
    ...(name && { name }),
    ...(gr.group && { group: gr.group }),
    ...(gr.resource && { kind: gr.resource }),
    ...more,
  };
}

/** 404 `pods "a" not found`. */
export function newNotFound(gr: GroupResource, name: string): StatusError {
  return newFailure(404, 'NotFound', `${qualified(gr)} ${goQuote(name)} not found`, detailsOf(gr, name));
}

/** 409 `pods "a" already exists`. */
export function newAlreadyExists(gr: GroupResource, name: string): StatusError {
  return newFailure(409, 'AlreadyExists', `${qualified(gr)} ${goQuote(name)} already exists`, detailsOf(gr, name));
}

/** 409 `Operation cannot be fulfilled on pods "a": why`. */
export function newConflict(gr: GroupResource, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(gr)} ${goQuote(name)}: ${why}`;
  return newFailure(409, 'Conflict', message, detailsOf(gr, name));
}

/** 409 of a server-side apply; one cause of reason `FieldManagerConflict` a field. */
export function newApplyConflict(causes: readonly StatusCause[], message: string): StatusError {
  return newFailure(409, 'Conflict', message, { causes: [...causes] });
}

/** 403 `pods "a" is forbidden: why`; without a name, `pods is forbidden: why`. */
export function newForbidden(gr: GroupResource, name: string, why: string): StatusError {
  const subject = name === '' ? qualified(gr) : `${qualified(gr)} ${goQuote(name)}`;
  const message = gr.resource === '' && gr.group === '' ? `forbidden: ${why}` : `${subject} is forbidden: ${why}`;
  return newFailure(403, 'Forbidden', message, detailsOf(gr, name));
}

/** 422 `Kind.group "name" is invalid: …` with a cause a field; `kind` stands in the resource of `gk`. */
export function newInvalid(gk: GroupResource, name: string, errors: readonly FieldError[]): StatusError {
  const causes = errors.map(
    (e): StatusCause => ({ reason: e.type, message: e.message, ...(e.field && { field: e.field }) }),
  );
  const message = `${qualified(gk)} ${goQuote(name)} is invalid: ${aggregateErrors(errors)}`;
  return newFailure(422, 'Invalid', message, detailsOf(gk, name, causes.length === 0 ? {} : { causes }));
}

/** 400 with the message as it is. */
export function newBadRequest(message: string): StatusError {
  return newFailure(400, 'BadRequest', message);
}

/** 401 `Unauthorized`. */
export function newUnauthorized(message = 'Unauthorized'): StatusError {
  return newFailure(401, 'Unauthorized', message);
}

/** 410 for a resourceVersion or continue token whose history is compacted. */
export function newResourceExpired(message: string): StatusError {
  return newFailure(410, 'Expired', message);
}

/** 500 `Internal error occurred: message`. */
export function newInternalError(message: string): StatusError {
  return newFailure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** 504 `Timeout: message`. */
export function newTimeoutError(message: string, retryAfterSeconds: number): StatusError {
  const details = retryAfterSeconds > 0 ? { retryAfterSeconds } : {};
  return newFailure(504, 'Timeout', `Timeout: ${message}`, details);
}

/** 429 with a delay in seconds. */
export function newTooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return newFailure(429, 'TooManyRequests', message, { retryAfterSeconds });
}

/** 413 `Request entity too large: message`. */
export function newRequestEntityTooLarge(message: string): StatusError {
  return newFailure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`);
}

/** 415 for a body whose media type is not among the supported. */
export function newUnsupportedMediaType(message: string): StatusError {
  return newFailure(415, 'UnsupportedMediaType', message);
}

/** 406 when no supported media type is acceptable to the client. */
export function newNotAcceptable(message: string): StatusError {
  return newFailure(406, 'NotAcceptable', message);
}
