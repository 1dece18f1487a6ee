import { isJsonObject, type JsonObject, type JsonValue, parseJson } from 'nekube/apimachinery';
import type { AuditedWrite } from './history-record.ts';

/** A write in an audit log: of what, and by whom. */
export interface AuditEntry extends AuditedWrite {
  readonly group: string;
  /** The plural. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** Who owns what was written, where the request says so. */
  readonly fieldManager?: string;
  /** What the object's version became, where the log has the answer. */
  readonly resourceVersion?: string;
}

const WRITES = new Set(['create', 'update', 'patch', 'delete']);

/**
 * The write in a line of a kube-apiserver's audit log; undefined: it tells of something else, or of what failed.
 *
 * @throws SyntaxError for what is no audit event
 */
export function auditEntryOf(line: string): AuditEntry | undefined {
  const event = parsed(line);
  const { verb, stage, objectRef, responseStatus, requestURI } = event;
  if (stage !== 'ResponseComplete' || typeof verb !== 'string' || !WRITES.has(verb)) return undefined;
  if (!isJsonObject(objectRef) || typeof objectRef.resource !== 'string') return undefined;
  const code = isJsonObject(responseStatus) ? Number(responseStatus.code ?? 0) : 0;
  const query = queryOf(requestURI);
  if (code >= 300 || query.has('dryRun')) return undefined;
  const response = metadataOf(event.responseObject);
  const name = textOf(objectRef.name) || textOf(response.name);
  const time = Date.parse(textOf(event.stageTimestamp));
  if (name === '' || Number.isNaN(time)) return undefined;
  const user = usernameOf(event.user);
  const impersonated = usernameOf(event.impersonatedUser);
  const userAgent = textOf(event.userAgent);
  const fieldManager = query.get('fieldManager');
  const resourceVersion = textOf(response.resourceVersion);
  return {
    group: textOf(objectRef.apiGroup),
    resource: objectRef.resource,
    namespace: textOf(objectRef.namespace),
    name,
    verb,
    time,
    user,
    ...(impersonated !== '' && { impersonated }),
    ...(userAgent !== '' && { userAgent }),
    ...(fieldManager !== null && { fieldManager }),
    ...(resourceVersion !== '' && { resourceVersion }),
  };
}

function parsed(line: string): JsonObject {
  const event = parseJson(line);
  if (!isJsonObject(event) || event.kind !== 'Event' || !textOf(event.apiVersion).startsWith('audit.k8s.io/'))
    throw new SyntaxError('it is no event of audit.k8s.io');
  return event;
}

/** Of the answer, if it is the object that was written. */
function metadataOf(response: JsonValue | undefined): JsonObject {
  if (!isJsonObject(response) || response.kind === 'Status' || !isJsonObject(response.metadata)) return {};
  return response.metadata;
}

function queryOf(uri: JsonValue | undefined): URLSearchParams {
  const text = textOf(uri);
  const at = text.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : text.slice(at + 1));
}

function usernameOf(user: JsonValue | undefined): string {
  return isJsonObject(user) ? textOf(user.username) : '';
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** What is kept of who made a write. */
export function writeOf({ user, impersonated, userAgent, verb, time }: AuditEntry): AuditedWrite {
  return {
    user,
    verb,
    time,
    ...(impersonated !== undefined && { impersonated }),
    ...(userAgent !== undefined && { userAgent }),
  };
}
