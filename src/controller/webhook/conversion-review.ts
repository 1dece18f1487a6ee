import {
  cloneJson,
  errorText,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  parseApiVersion,
  parseJson,
} from 'nekube/apimachinery';
import { untilAborted } from '../deferred.ts';
import { type Converter, withMetadataOf } from './conversion.ts';
import type { WebhookCall, WebhookEndpoint, WebhookReply } from './endpoint.ts';

/** A list is converted in one review, and may be as long as a server's answers. */
const MAX_CONVERSION_BYTES = 256 * 1024 * 1024;
const VERSIONS: readonly JsonValue[] = ['apiextensions.k8s.io/v1', 'apiextensions.k8s.io/v1beta1'];

interface ConversionRequest {
  readonly uid: string;
  readonly desiredAPIVersion: string;
  readonly objects: readonly KubeObject[];
}

/**
 * Answers ConversionReviews for the kinds of these converters: all objects, in their order, or a failure that says which
 * of them could not be converted and why.
 *
 * @throws RangeError if two converters are for one kind
 */
export function conversionWebhook(converters: readonly Converter[]): WebhookEndpoint {
  const byKind = new Map<string, Converter>();
  for (const converter of converters) {
    const key = keyOf(converter.group, converter.kind);
    if (byKind.has(key)) throw new RangeError(`Cannot convert ${key}: there are two converters`);
    byKind.set(key, converter);
  }
  return { kind: 'conversion', maxBytes: MAX_CONVERSION_BYTES, answer: (call) => answer(call, byKind) };
}

function keyOf(group: string, kind: string): string {
  return group === '' ? kind : `${kind}.${group}`;
}

async function answer(call: WebhookCall, converters: ReadonlyMap<string, Converter>): Promise<WebhookReply> {
  const review = readReview(call);
  if (typeof review === 'string') {
    call.log.error(undefined, 'Bad conversion request', { why: review });
    return { status: review === TOO_LONG ? 413 : 400 };
  }
  const { apiVersion, request } = review;
  const { uid } = request;
  const reply = (response: JsonObject): JsonObject => ({ kind: 'ConversionReview', apiVersion, response });
  try {
    const convertedObjects = await convertAll(request, converters, call);
    const result = { metadata: {}, status: 'Success' };
    return { status: 200, body: reply({ uid, convertedObjects: convertedObjects as unknown as JsonValue, result }) };
  } catch (error) {
    call.log.error(error, 'Cannot convert', { requestID: uid, desiredAPIVersion: request.desiredAPIVersion });
    const result = { metadata: {}, status: 'Failure', message: errorText(error) };
    const panicked = error instanceof ConversionError && error.cause instanceof TypeError;
    return { status: 200, body: reply({ uid, convertedObjects: [], result }), ...(panicked && { panicked }) };
  }
}

const TOO_LONG = 'the request is too long';

/** Reads the review, or says why it cannot be. */
function readReview({ body }: WebhookCall): { apiVersion: string; request: ConversionRequest } | string {
  if (body.length > MAX_CONVERSION_BYTES) return TOO_LONG;
  let review: JsonValue;
  try {
    review = parseJson(body);
  } catch (error) {
    return errorText(error);
  }
  if (!isJsonObject(review) || !VERSIONS.includes(review.apiVersion ?? VERSIONS[0]!))
    return 'it is no ConversionReview';
  const { apiVersion = VERSIONS[0]!, request } = review;
  if (!isJsonObject(request)) return 'the ConversionReview has no request';
  const { uid, desiredAPIVersion, objects } = request;
  if (typeof uid !== 'string' || typeof desiredAPIVersion !== 'string')
    return 'the request must have uid and desiredAPIVersion';
  if (objects !== undefined && objects !== null && !Array.isArray(objects)) return 'request.objects must be a list';
  const list = (objects ?? []) as unknown as KubeObject[];
  return { apiVersion: apiVersion as string, request: { uid, desiredAPIVersion, objects: list } };
}

/** An object could not be converted. */
class ConversionError extends Error {}

async function convertAll(
  { objects, desiredAPIVersion }: ConversionRequest,
  converters: ReadonlyMap<string, Converter>,
  { signal, log }: WebhookCall,
): Promise<KubeObject[]> {
  const converted: KubeObject[] = [];
  for (const [index, object] of objects.entries()) {
    try {
      converted.push(await untilAborted(convertOne(object, desiredAPIVersion, converters, { signal, log }), signal));
    } catch (cause) {
      throw new ConversionError(`objects[${index}] ${nameOf(object)}: ${errorText(cause)}`, { cause });
    }
  }
  return converted;
}

function nameOf(object: KubeObject): string {
  const { namespace, name = '' } = object?.metadata ?? {};
  return `${object?.kind} ${JSON.stringify(namespace ? `${namespace}/${name}` : name)}`;
}

async function convertOne(
  object: KubeObject,
  apiVersion: string,
  converters: ReadonlyMap<string, Converter>,
  context: Pick<WebhookCall, 'signal' | 'log'>,
): Promise<KubeObject> {
  const { kind = '', metadata } = object;
  const [from, to] = [parseApiVersion(object.apiVersion ?? ''), parseApiVersion(apiVersion)];
  if (!metadata || kind === '' || !from || !to) throw new Error('it must have apiVersion, kind and metadata');
  if (from.group !== to.group) throw new Error(`${object.apiVersion} and ${apiVersion} are not of one group`);
  if (object.apiVersion === apiVersion) throw new Error(`it is in version ${apiVersion} already`);
  const converter = converters.get(keyOf(from.group, kind));
  if (converter === undefined) throw new Error(`there is no converter for ${keyOf(from.group, kind)}`);
  const original = { ...object, metadata: cloneJson(metadata) };
  const result = await converter.convert(object, apiVersion, context);
  if (result?.apiVersion !== apiVersion || result.kind !== kind) {
    const given = result === undefined ? 'nothing' : `${result.kind} in version ${result.apiVersion}`;
    throw new Error(`the converter must return ${kind} in version ${apiVersion}, not ${given}`);
  }
  return withMetadataOf(original, result);
}
