import { type JsonObject, type JsonValue, type Status, stringifyJson } from 'nekube/apimachinery';
import type { UserInfo } from '../user.ts';
import type { AuditAnnotation } from '../context.ts';
import type { AuditLevel, AuditStage } from './policy.ts';

/** What a request is about (audit.k8s.io/v1 ObjectReference); empty fields are left out. */
export interface ObjectReference {
  resource: string;
  namespace: string;
  name: string;
  uid: string;
  apiGroup: string;
  apiVersion: string;
  resourceVersion: string;
  subresource: string;
}

/** JSON that is written as it is. */
export type JsonText = string;

/** An audit event (audit.k8s.io/v1 Event) without its stage; grows as the request goes its way. */
export interface AuditEvent {
  readonly level: AuditLevel;
  readonly auditID: string;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: UserInfo;
  impersonatedUser?: UserInfo;
  /** By which of the kinds of impersonation it was allowed. */
  impersonationConstraint?: string;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
  objectRef?: ObjectReference;
  responseStatus?: Partial<Status>;
  requestObject?: JsonText;
  responseObject?: JsonText;
  readonly received: Date;
  /** Those of the request, which grow. */
  readonly annotations: ReadonlyMap<string, AuditAnnotation>;
}

/** An event at one of its stages, on its way to a log. */
export interface StagedEvent {
  readonly event: AuditEvent;
  readonly stage: AuditStage;
  readonly time: Date;
}

/** The event as a line of JSON, without the newline. */
export function eventJson({ event, stage, time }: StagedEvent): string {
  const head = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: event.level,
    auditID: event.auditID,
    stage,
    requestURI: event.requestURI,
    verb: event.verb,
    user: userJson(event.user),
    ...(event.impersonatedUser && { impersonatedUser: userJson(event.impersonatedUser) }),
    ...(event.impersonationConstraint && {
      authenticationMetadata: { impersonationConstraint: event.impersonationConstraint },
    }),
    ...(event.sourceIPs.length > 0 && { sourceIPs: [...event.sourceIPs] }),
    ...(event.userAgent !== '' && { userAgent: event.userAgent }),
    ...(event.objectRef && { objectRef: withoutEmpty(event.objectRef) }),
    ...(event.responseStatus && { responseStatus: statusJson(event.responseStatus) }),
  };
  const objects = [
    event.requestObject === undefined ? '' : `,"requestObject":${event.requestObject}`,
    event.responseObject === undefined ? '' : `,"responseObject":${event.responseObject}`,
  ].join('');
  const annotations = annotationsOf(event);
  const tail = {
    requestReceivedTimestamp: microTime(event.received),
    stageTimestamp: microTime(time),
    ...(annotations.length > 0 && { annotations: sorted(annotations) }),
  };
  return `${stringifyJson(head).slice(0, -1)}${objects},${stringifyJson(tail).slice(1)}`;
}

/** Those that may be shown at the event's level. */
function annotationsOf({ annotations, level }: AuditEvent): [string, string][] {
  const shown = [...annotations].filter(([, annotation]) => annotation.level === 'Metadata' || level !== 'Metadata');
  return shown.map(([key, { value }]) => [key, value]);
}

function userJson({ name, uid, groups, extra }: UserInfo): JsonObject {
  return {
    ...(name !== '' && { username: name }),
    ...(uid && { uid }),
    ...(groups.length > 0 && { groups: [...groups] }),
    ...(extra && Object.keys(extra).length > 0 && { extra: sorted(Object.entries(extra)) }),
  };
}

function withoutEmpty(reference: ObjectReference): JsonObject {
  const { resource, namespace, name, uid, apiGroup, apiVersion, resourceVersion, subresource } = reference;
  const ordered = { resource, namespace, name, uid, apiGroup, apiVersion, resourceVersion, subresource };
  return Object.fromEntries(Object.entries(ordered).filter(([, value]) => value !== ''));
}

function statusJson({ status, message, reason, details, code }: Partial<Status>): JsonObject {
  return {
    metadata: {},
    ...(status && { status }),
    ...(message && { message }),
    ...(reason && { reason }),
    ...(details && { details: details as unknown as JsonObject }),
    ...(code && { code }),
  };
}

function sorted(entries: Iterable<[string, string | readonly string[]]>): JsonObject {
  const list = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(list) as unknown as JsonObject;
}

/** metav1.MicroTime: always six digits. */
function microTime(time: Date): JsonValue {
  return `${time.toISOString().slice(0, -1)}000Z`;
}

/** The event as the one line of the legacy format, without the newline. */
export function eventText({ event, stage }: StagedEvent): string {
  const { user, impersonatedUser, objectRef, responseStatus } = event;
  const quoted = (text: string): string => JSON.stringify(text);
  const list = (texts: readonly string[]): string => texts.map(quoted).join(',');
  const fields = {
    id: event.auditID,
    stage,
    ip: event.sourceIPs[0] ?? '<unknown>',
    method: event.verb,
    user: user.name || '<none>',
    groups: user.name !== '' && user.groups.length > 0 ? list(user.groups) : '<none>',
    as: impersonatedUser ? impersonatedUser.name : '<self>',
    asgroups: impersonatedUser ? list(impersonatedUser.groups) : '<lookup>',
    'user-agent': event.userAgent,
    namespace: objectRef?.namespace || '<none>',
    uri: event.requestURI,
    response: String(responseStatus ? (responseStatus.code ?? 0) : '<deferred>'),
  };
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${quoted(value)}`);
  return `${event.received.toISOString().replace(/\.?0*Z$/, 'Z')} AUDIT: ${pairs.join(' ')}`;
}
