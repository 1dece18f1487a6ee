import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  parseJson,
  parseYaml,
  type Status,
  stringifyJson,
} from 'nekube/apimachinery';
import { normalizeObject, typeOf } from 'nekube/api';
import type { Encoding } from '../media-type.ts';
import { openKubeProtobuf } from '../protobuf.ts';
import type { UserInfo } from '../user.ts';
import type { AuditEvent, StagedEvent } from './event.ts';
import { AUDIT_LEVELS, type AuditDecision, type AuditLevel, type AuditStage } from './policy.ts';

/** Takes events; false when one could not be kept, and the request must not go on. */
export type AuditSink = (event: StagedEvent) => boolean;

/** How a trail works. */
export interface TrailOptions {
  readonly decision: AuditDecision;
  readonly sink: AuditSink;
  readonly now: () => Date;
  /** Answers that take long have an event at their beginning, too. */
  readonly tellsStart: boolean;
}

/** What a request's way through the server tells of it. */
export type RequestTrail = Pick<
  AuditTrail,
  'records' | 'impersonated' | 'requestObject' | 'requestPatch' | 'responseStatus' | 'responseObject' | 'responseCode'
>;

/** A request that is recorded for two who want to know different things of it. */
export class BothTrails implements RequestTrail {
  readonly #both: readonly RequestTrail[];

  constructor(one: RequestTrail, other: RequestTrail) {
    this.#both = [one, other];
  }

  records(level: AuditLevel): boolean {
    return this.#both.some((one) => one.records(level));
  }
  impersonated(user: UserInfo, constraint: string): void {
    for (const one of this.#both) one.impersonated(user, constraint);
  }
  requestObject(object: KubeObject): void {
    for (const one of this.#both) one.requestObject(object);
  }
  requestPatch(bytes: Buffer): void {
    for (const one of this.#both) one.requestPatch(bytes);
  }
  responseStatus(status: Partial<Status>): void {
    for (const one of this.#both) one.responseStatus(status);
  }
  responseObject(bytes: Uint8Array, form: { readonly encoding: Encoding; readonly pretty: boolean }): void {
    for (const one of this.#both) one.responseObject(bytes, form);
  }
  responseCode(code: number): void {
    for (const one of this.#both) one.responseCode(code);
  }
}

/** What is recorded of one request that is audited. All it is told is kept only as far as the level goes. */
export class AuditTrail {
  readonly #event: AuditEvent;
  readonly #options: TrailOptions;
  #answered = false;

  constructor(event: AuditEvent, options: TrailOptions) {
    this.#event = event;
    this.#options = options;
  }

  /** True if at least so much is recorded. */
  records(level: AuditLevel): boolean {
    return AUDIT_LEVELS.indexOf(this.#event.level) >= AUDIT_LEVELS.indexOf(level);
  }

  /** @param constraint by which kind of impersonation it was allowed; empty for the old one */
  impersonated(user: UserInfo, constraint: string): void {
    this.#event.impersonatedUser = user;
    if (constraint !== '') this.#event.impersonationConstraint = constraint;
  }

  /** The object of the request's body, as it was decoded. It is written down at once, as it may change later. */
  requestObject(object: KubeObject): void {
    const ref = this.#event.objectRef;
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = object.metadata ?? {};
    if (ref !== undefined) {
      ref.namespace ||= namespace;
      ref.name ||= name;
      ref.uid ||= uid;
      ref.resourceVersion ||= resourceVersion;
    }
    if (this.records('Request')) this.#event.requestObject = this.#json(canonical(object) as unknown as JsonValue);
  }

  /** A patch as it was sent. What is neither JSON nor YAML is left out. */
  requestPatch(bytes: Buffer): void {
    if (!this.records('Request')) return;
    try {
      this.#event.requestObject = stringifyJson(parseYamlOrJson(bytes.toString('utf8')));
    } catch {
      delete this.#event.requestObject;
    }
  }

  /** A Status that is the answer. */
  responseStatus(status: Partial<Status>): void {
    this.#event.responseStatus = { ...status };
  }

  /** The object of the answer, in the bytes that are sent. */
  responseObject(
    bytes: Uint8Array,
    { encoding, pretty }: { readonly encoding: Encoding; readonly pretty: boolean },
  ): void {
    if (!this.records('RequestResponse')) return;
    const raw = encoding === 'json' && !pretty && !this.#options.decision.omitManagedFields;
    this.#event.responseObject = raw ? textOf(bytes).trimEnd() : this.#json(valueOf(bytes, encoding));
  }

  /** The code of the answer, when it begins to be sent; what comes first counts. */
  responseCode(code: number): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#event.responseStatus = { ...this.#event.responseStatus, code };
    if (this.#options.tellsStart) this.emit('ResponseStarted');
  }

  /** The last event of a request that the server failed at. */
  panicked(error: Error): void {
    const message = `APIServer panic'd: ${error.message}`;
    this.responseStatus({ status: 'Failure', message, reason: 'InternalError', code: 500 });
    this.emit('Panic');
  }

  /** True once an answer has begun. */
  get answered(): boolean {
    return this.#answered;
  }

  /** Hands the event on, unless the policy leaves the stage out. */
  emit(stage: AuditStage): boolean {
    const { decision, sink, now } = this.#options;
    if (decision.omitStages.has(stage)) return true;
    const event = this.#event;
    return sink({ event, stage, time: stage === 'RequestReceived' ? event.received : now() });
  }

  #json(value: JsonValue): string {
    return stringifyJson(this.#options.decision.omitManagedFields ? withoutManagedFields(value) : value);
  }
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
}

function valueOf(bytes: Uint8Array, encoding: Encoding): JsonValue {
  if (encoding === 'json') return parseJson(bytes);
  if (encoding === 'yaml') return canonical(parseYaml(textOf(bytes)) as unknown as KubeObject) as unknown as JsonValue;
  const { apiVersion, kind, decodeAs } = openKubeProtobuf(bytes);
  return (decodeAs(apiVersion, kind) ?? null) as unknown as JsonValue;
}

/** An object of a built-in kind with its fields in the order of its type; YAML has them sorted, defaults come last. */
function canonical(object: KubeObject): KubeObject {
  const { kind, apiVersion, items } = object as KubeObject & { readonly items?: readonly KubeObject[] };
  if (kind === undefined || apiVersion === undefined) return object;
  const type = typeOf(apiVersion, kind);
  if (type !== undefined) return normalizeObject(type, object);
  const itemType = kind.endsWith('List') ? typeOf(apiVersion, kind.slice(0, -'List'.length)) : undefined;
  if (itemType === undefined || !Array.isArray(items)) return object;
  return {
    kind,
    apiVersion,
    metadata: object.metadata,
    items: items.map((item) => normalizeObject(itemType, item)),
  } as never;
}

function parseYamlOrJson(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    const value = parseYaml(text);
    if (!isJsonObject(value)) throw new Error('not an object');
    return value;
  }
}

/** Of an object, of a list's items, of the objects in a Table's rows. */
function withoutManagedFields(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const bare = bareObject(value);
  const { items, rows } = bare;
  if (Array.isArray(items))
    return { ...bare, items: items.map((item) => (isJsonObject(item) ? bareObject(item) : item)) };
  if (bare.kind !== 'Table' || !Array.isArray(rows)) return bare;
  const bareRow = (row: JsonValue): JsonValue =>
    isJsonObject(row) && isJsonObject(row.object) ? { ...row, object: bareObject(row.object) } : row;
  return { ...bare, rows: rows.map(bareRow) };
}

function bareObject(value: JsonObject): JsonObject {
  const { metadata } = value;
  if (!isJsonObject(metadata) || metadata.managedFields === undefined) return value;
  const { managedFields: _managedFields, ...rest } = metadata;
  return { ...value, metadata: rest };
}
