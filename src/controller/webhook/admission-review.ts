import {
  diffJson,
  errorText,
  isJsonObject,
  isStatusError,
  type JsonObject,
  type JsonValue,
  parseJson,
  stringifyJson,
} from 'nekube/apimachinery';
import { untilAborted } from '../deferred.ts';
import { type AdmissionHandler, type AdmissionRequest, type AdmissionResponse, errored, refused } from './admission.ts';
import { MAX_REQUEST_BYTES, type WebhookCall, type WebhookEndpoint, type WebhookReply } from './endpoint.ts';

const GROUP = 'admission.k8s.io';
const VERSIONS: readonly JsonValue[] = [`${GROUP}/v1`, `${GROUP}/v1beta1`];

/** A question as it came. */
interface Review {
  readonly apiVersion: string;
  readonly request: AdmissionRequest;
}

/**
 * Answers AdmissionReviews, in the version in which they ask: reads one, asks the handler, and says what it decided with
 * the codes and texts of controller-runtime. Whatever happens, the answer is HTTP 200 with a review that says so.
 */
export function admissionWebhook(handler: AdmissionHandler): WebhookEndpoint {
  return { kind: 'admission', maxBytes: MAX_REQUEST_BYTES, answer: (call) => answer(call, handler) };
}

async function answer(call: WebhookCall, handler: AdmissionHandler): Promise<WebhookReply> {
  const review = readReview(call);
  if ('allowed' in review) {
    call.log.error(undefined, 'Bad admission request', { why: review.status?.message });
    return { status: 200, body: { response: responseOf('', review, undefined) } };
  }
  const { apiVersion, request } = review;
  const log = call.log.with(valuesOf(request));
  const { response, panicked } = await decide(handler, request, { ...call, log });
  const body: JsonObject = { kind: 'AdmissionReview', apiVersion };
  try {
    body.response = responseOf(request.uid, response, () => readReview(call) as Review);
  } catch (error) {
    log.error(error, 'Unable to encode the response');
    body.response = responseOf(request.uid, errored(500, 'unable to encode response'), undefined);
  }
  log.trace('Answered an admission request', { allowed: response.allowed, code: response.status?.code ?? 200 });
  return { status: 200, body, ...(panicked && { panicked }) };
}

/** What an answer is about, for lines of the log. */
function valuesOf({
  namespace,
  name,
  resource,
  kind,
  operation,
  userInfo,
  uid,
}: AdmissionRequest): Record<string, unknown> {
  return {
    object: { namespace, name },
    kind: kind?.kind,
    resource,
    operation,
    user: userInfo?.username,
    requestID: uid,
  };
}

/** Reads the review, or says what is wrong with the request. */
function readReview({ body, contentType }: WebhookCall): Review | AdmissionResponse {
  if (body.length === 0) return errored(400, 'request body is empty');
  if (body.length > MAX_REQUEST_BYTES) {
    return errored(413, `request entity is too large; limit is ${MAX_REQUEST_BYTES} bytes`);
  }
  if (contentType.split(';')[0]!.trim().toLowerCase() !== 'application/json') {
    return errored(400, `contentType=${contentType}, expected application/json`);
  }
  let review: JsonValue;
  try {
    review = parseJson(body);
  } catch (error) {
    return errored(400, `couldn't get version/kind; json parse error: ${errorText(error)}`);
  }
  return checkReview(review);
}

function checkReview(review: JsonValue): Review | AdmissionResponse {
  if (!isJsonObject(review)) return errored(400, 'an AdmissionReview must be an object');
  const { kind = 'AdmissionReview', apiVersion = `${GROUP}/v1`, request } = review;
  if (kind !== 'AdmissionReview' || !VERSIONS.includes(apiVersion)) {
    const given = `${stringifyJson(kind)} in version ${stringifyJson(apiVersion)}`;
    return errored(400, `no kind ${given} is known here, only "AdmissionReview" in version ${VERSIONS.join(' and ')}`);
  }
  if (!isJsonObject(request)) return errored(400, 'the AdmissionReview has no request');
  for (const field of ['object', 'oldObject', 'kind', 'userInfo'] as const) {
    const value = request[field];
    if (value === null) delete request[field];
    else if (value !== undefined && !isJsonObject(value)) return errored(400, `request.${field} must be an object`);
  }
  const { uid } = request;
  return {
    apiVersion: apiVersion as string,
    request: { ...request, uid: typeof uid === 'string' ? uid : '' } as unknown as AdmissionRequest,
  };
}

async function decide(
  handler: AdmissionHandler,
  request: AdmissionRequest,
  { signal, log }: Pick<WebhookCall, 'signal' | 'log'>,
): Promise<{ readonly response: AdmissionResponse; readonly panicked?: boolean }> {
  try {
    const response = await untilAborted(handler(request, { signal, log }), signal);
    if (typeof response?.allowed !== 'boolean') throw new TypeError('the handler has given no answer');
    return { response };
  } catch (error) {
    if (isStatusError(error)) return { response: refused(error.status) };
    if (signal.aborted && error === signal.reason) {
      log.warn('An admission request was not answered in time');
      return { response: errored(504, 'the webhook did not answer in time') };
    }
    log.error(error, 'The admission handler failed');
    return { response: errored(500, `panic: ${errorText(error)} [recovered]`), panicked: true };
  }
}

/** An AdmissionResponse with its fields in the order in which Go writes them. */
function responseOf(uid: string, response: AdmissionResponse, again: (() => Review) | undefined): JsonObject {
  const { allowed, status = {}, warnings = [], auditAnnotations } = response;
  const patch = allowed ? patchOf(response, again) : [];
  return {
    uid,
    allowed,
    status: statusOf(status),
    ...(patch.length > 0 && {
      patch: Buffer.from(stringifyJson(patch)).toString('base64'),
      patchType: 'JSONPatch',
    }),
    ...(auditAnnotations && Object.keys(auditAnnotations).length > 0 && { auditAnnotations: { ...auditAnnotations } }),
    ...(warnings.length > 0 && { warnings: [...warnings] }),
  };
}

function statusOf({ status, message, reason, details, code }: NonNullable<AdmissionResponse['status']>): JsonObject {
  return {
    metadata: {},
    ...(status && { status }),
    ...(message && { message }),
    ...(reason && { reason }),
    ...(details && { details: details as unknown as JsonObject }),
    code: code ?? 200,
  };
}

/**
 * The patch that leads from the object as it was sent to the one that the handler wants. What was sent is read again,
 * since the handler may have changed it in place.
 */
function patchOf({ changed, patch }: AdmissionResponse, again: (() => Review) | undefined): JsonValue[] {
  if (patch !== undefined) return plain(patch) as JsonValue[];
  const from = changed && again?.().request.object;
  return from === undefined ? [] : (diffJson(from as unknown as JsonValue, plain(changed)) as unknown as JsonValue[]);
}

/** A value as it is once it was on the wire: no undefined members, dates as text. */
function plain(value: unknown): JsonValue {
  return parseJson(stringifyJson(value as JsonValue));
}
