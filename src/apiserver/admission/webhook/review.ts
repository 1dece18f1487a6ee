import { randomUUID } from 'node:crypto';
import { decodeObject, typeOf } from 'nekube/api';
import {
  goQuote,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  parseApiVersion,
  type Status,
  StatusError,
} from 'nekube/apimachinery';
import type { AdmissionAttributes } from '../../admission.ts';
import type { UserInfo } from '../../user.ts';
import type { Invocation, VersionedObjects } from '../match/versioned.ts';

const VERSIONS = ['v1', 'v1beta1'];

/** A question to a webhook (`admission.k8s.io` AdmissionReview). */
export interface Question {
  readonly uid: string;
  readonly version: string;
  readonly review: JsonObject;
}

/** What a webhook says, as far as it holds. */
export interface Verdict {
  readonly allowed: boolean;
  /** The bytes of a JSON patch; empty if there is none. */
  readonly patch: string;
  readonly patchType: string;
  readonly status?: JsonObject;
  readonly auditAnnotations: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Puts a request as a question in the first version that both sides know. @throws Error if there is none */
export function questionOf(
  versions: readonly string[],
  attributes: AdmissionAttributes,
  invocation: Invocation,
  { object, old }: VersionedObjects,
): Question {
  const version = versions.find((candidate) => VERSIONS.includes(candidate));
  if (version === undefined) throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
  const uid = randomUUID();
  const request = { uid, ...requestOf(attributes, invocation), object: shown(object), oldObject: shown(old) };
  const review = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request };
  return { uid, version, review };
}

/** A request in the words of an AdmissionReview, without its objects. */
export function requestOf(attributes: AdmissionAttributes, invocation: Invocation): JsonObject {
  const { subresource, name, namespace, operation, dryRun, options = null } = attributes;
  const request: JsonObject = { kind: { ...invocation.kind }, resource: resourceOf(invocation) };
  if (subresource) request.subResource = subresource;
  request.requestKind = { ...attributes.kind };
  request.requestResource = resourceOf(attributes);
  if (subresource) request.requestSubResource = subresource;
  if (name) request.name = name;
  if (namespace) request.namespace = namespace;
  request.operation = operation;
  request.userInfo = userInfoOf(attributes.user);
  request.dryRun = dryRun;
  request.options = options;
  return request;
}

function resourceOf({ resource: { group, version, resource } }: Pick<Invocation, 'resource'>): JsonObject {
  return { group, version, resource };
}

function shown(object: KubeObject | undefined): JsonValue {
  return (object ?? null) as unknown as JsonValue;
}

function userInfoOf({ name, uid, groups, extra = {} }: UserInfo): JsonObject {
  const values = Object.entries(extra).map(([key, value]): [string, JsonValue] => [key, [...value]]);
  const info: JsonObject = {};
  if (name) info.username = name;
  if (uid) info.uid = uid;
  if (groups.length > 0) info.groups = [...groups];
  if (values.length > 0) info.extra = Object.fromEntries(values);
  return info;
}

/**
 * Reads an answer.
 *
 * @throws Error where it is no AdmissionReview. What is wrong with the review itself is in {@link verdictOf}.
 */
export function answerOf(question: Question, answer: JsonObject): JsonObject {
  checkType(question.version, answer);
  const type = typeOf('admission.k8s.io/v1', 'AdmissionReview')!;
  return decodeObject(type, { ...answer }).object as unknown as JsonObject;
}

/** What the answer says it is, which may be nothing, must be what was asked for. */
function checkType(version: string, answer: JsonObject): void {
  const { kind, apiVersion } = answer as { kind?: string; apiVersion?: string };
  const is = `${apiVersion || `admission.k8s.io/${version}`}, Kind=${kind || 'AdmissionReview'}`;
  if (is === `admission.k8s.io/${version}, Kind=AdmissionReview`) return;
  const go = KNOWN_TYPES[is];
  if (go !== undefined) throw new Error(`converting (${go}) to (${version}.AdmissionReview): unknown conversion`);
  const given = apiVersion || `admission.k8s.io/${version}`;
  throw new Error(
    `no kind ${goQuote(kind || 'AdmissionReview')} is registered for version ${goQuote(given)} in scheme "pkg/runtime/scheme.go:111"`,
  );
}

/** What else kube-apiserver can read here. */
const KNOWN_TYPES: Readonly<Record<string, string>> = {
  'admission.k8s.io/v1, Kind=AdmissionReview': 'v1.AdmissionReview',
  'admission.k8s.io/v1beta1, Kind=AdmissionReview': 'v1beta1.AdmissionReview',
  'v1, Kind=Status': 'v1.Status',
};

/** What an answer means. @throws Error with kube-apiserver's text where it breaks the rules of the exchange */
export function verdictOf({ uid, version }: Question, mutating: boolean, review: JsonObject): Verdict {
  const response = review.response as JsonObject | null | undefined;
  if (response === null || response === undefined) throw new Error('webhook response was absent');
  const { patch = null, patchType = null } = response as { patch?: string | null; patchType?: string | null };
  const verdict = {
    allowed: response.allowed === true,
    patch: mutating ? (patch ?? '') : '',
    ...(response.status && { status: response.status as JsonObject }),
    auditAnnotations: (response.auditAnnotations ?? {}) as Record<string, string>,
    warnings: (response.warnings ?? []) as string[],
  };
  if (version === 'v1beta1') return { ...verdict, patchType: verdict.patch === '' ? '' : 'JSONPatch' };
  if (response.uid !== uid)
    throw new Error(`expected response.uid=${goQuote(uid)}, got ${goQuote(String(response.uid ?? ''))}`);
  checkKind(review);
  if (mutating) checkPatch(patch, patchType);
  else if (patch) throw new Error('validating webhook may not return response.patch');
  else if (patchType !== null) throw new Error('validating webhook may not return response.patchType');
  return { ...verdict, patchType: mutating ? (patchType ?? '') : '' };
}

function checkKind({ kind = '', apiVersion = '' }: JsonObject): void {
  if (kind === 'AdmissionReview' && apiVersion === 'admission.k8s.io/v1') return;
  const gv = parseApiVersion(String(apiVersion));
  const given = `${gv?.group ?? ''}/${gv?.version ?? ''}, Kind=${String(kind)}`;
  throw new Error(`expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${given}`);
}

function checkPatch(patch: string | null, patchType: string | null): void {
  if (patch && patchType === null) throw new Error('webhook returned response.patch but not response.patchType');
  if (!patch && patchType !== null) throw new Error('webhook returned response.patchType but not response.patch');
  if (patchType === '') throw new Error('webhook returned invalid response.patchType of ""');
}

/** A Status as a webhook may give it. */
interface Refusal extends Partial<Omit<Status, 'status'>> {
  readonly status?: Status['status'] | '';
}

/** The refusal that a verdict is, with the webhook's own words and code. */
export function refusalOf(webhook: string, given: JsonObject | undefined): StatusError {
  const { message = '', reason = '', code = 0, details, status = '' } = (given ?? {}) as unknown as Refusal;
  const deniedBy = `admission webhook ${goQuote(webhook)} denied the request`;
  const why = message || reason;
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: status === '' || status === 'Success' ? 'Failure' : status,
    message: why === '' ? `${deniedBy} without explanation` : `${deniedBy}: ${why}`,
    ...(reason && { reason }),
    ...(details && { details }),
    code: Number(code) < 400 ? 400 : Number(code),
  });
}
