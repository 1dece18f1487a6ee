import type { GroupVersionKind, JsonObject, KubeObject, Status } from 'nekube/apimachinery';
import type { JsonPatchOperation } from 'nekube/client';
import type { Logger } from '../log/logger.ts';

/** A resource in a version of a group. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Who makes a request. */
export interface RequestUser {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What an API server asks about (`admission.k8s.io` AdmissionRequest). The objects belong to the handler. */
export interface AdmissionRequest<T extends KubeObject = KubeObject> {
  readonly uid: string;
  /** What the objects are, in the version that the webhook's rules name. */
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subResource?: string;
  /** The same as the client asked for, where that is another version. */
  readonly requestKind?: GroupVersionKind;
  readonly requestResource?: GroupVersionResource;
  readonly requestSubResource?: string;
  /** Absent where the server makes a name. */
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly userInfo: RequestUser;
  /** What is to be; absent for DELETE. */
  readonly object?: T;
  /** What is there; absent for CREATE and CONNECT. */
  readonly oldObject?: T;
  /** True: nothing will be written, so a handler must have no effects elsewhere. */
  readonly dryRun?: boolean;
  readonly options?: JsonObject | null;
}

/** What a handler answers; made by {@link allowed}, {@link denied}, {@link patched} and {@link errored}. */
export interface AdmissionResponse {
  readonly allowed: boolean;
  /** Why, for the one who asked: code, reason, message, details. */
  readonly status?: Partial<Pick<Status, 'message' | 'reason' | 'details' | 'code' | 'status'>>;
  /** The object as it is to be; the patch is made of what differs from the one in the request. */
  readonly changed?: KubeObject;
  /** A patch of one's own, instead. */
  readonly patch?: readonly JsonPatchOperation[];
  /** Shown to the user; short, without "Warning:". */
  readonly warnings?: readonly string[];
  /** Noted in the audit log, with the name of the webhook before each key. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** What a handler may use besides the request. */
export interface AdmissionContext {
  /** Aborted when the answer is of no use any more: the server gave up, or its time is over. */
  readonly signal: AbortSignal;
  /** Its lines name the object, the user and the request. */
  readonly log: Logger;
}

/**
 * Decides about a request. A thrown StatusError refuses it with that Status; anything else that is thrown is a bug, which
 * is logged and answered with code 500.
 */
export type AdmissionHandler<T extends KubeObject = KubeObject> = (
  request: AdmissionRequest<T>,
  context: AdmissionContext,
) => AdmissionResponse | Promise<AdmissionResponse>;

/** What may stand beside an answer. */
export type AdmissionNotes = Pick<AdmissionResponse, 'warnings' | 'auditAnnotations'>;

/** Lets the request pass as it is. */
export function allowed(message = '', notes: AdmissionNotes = {}): AdmissionResponse {
  return { allowed: true, status: { ...(message && { message }), code: 200 }, ...notes };
}

/** Refuses the request; with 403 Forbidden unless another code or reason is given. */
export function denied(
  message: string,
  options: AdmissionNotes & Pick<Status, 'code' | 'reason' | 'details'> = {},
): AdmissionResponse {
  const { code = 403, reason = code === 403 ? 'Forbidden' : undefined, details, ...notes } = options;
  const status = { ...(message && { message }), ...(reason && { reason }), ...(details && { details }), code };
  return { allowed: false, status, ...notes };
}

/** Lets the request pass with the object as it is given here, which may be the request's own, changed in place. */
export function patched(object: KubeObject, notes: AdmissionNotes = {}): AdmissionResponse {
  return { allowed: true, changed: object, ...notes };
}

/** Refuses the request because it could not be decided. */
export function errored(code: number, message: string): AdmissionResponse {
  return { allowed: false, status: { message, code } };
}

/** Refuses the request with a Status, as it is. */
export function refused({ status, message, reason, details, code }: Status): AdmissionResponse {
  return {
    allowed: false,
    status: {
      status,
      ...(message && { message }),
      ...(reason && { reason }),
      ...(details && { details }),
      ...(code !== undefined && { code }),
    },
  };
}
