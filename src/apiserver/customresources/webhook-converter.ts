import { randomUUID } from 'node:crypto';
import { validateObjectMeta } from 'nekube/api';
import {
  goTypeName,
  isJsonObject,
  jsonEqual,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  parseApiVersion,
  validatePathSegmentName,
} from 'nekube/apimachinery';
import { plainError } from '../errors.ts';
import { targetOf, type WebhookClient } from '../webhooks/index.ts';
import type { Conversion } from './definition.ts';

const TIMEOUT_MS = 30_000;
const GROUP = 'apiextensions.k8s.io';
const REVIEWS = ['v1', 'v1beta1'];

/** Brings objects from version to version by the webhook of their definition. */
export class WebhookConverter {
  readonly #client: Pick<WebhookClient, 'post'>;
  readonly #webhook: NonNullable<Conversion['webhook']>;

  constructor(client: Pick<WebhookClient, 'post'>, webhook: NonNullable<Conversion['webhook']>) {
    this.#client = client;
    this.#webhook = webhook;
  }

  /** The object in another version. @throws StatusError with what kube-apiserver says of a webhook that fails */
  async convert(object: KubeObject, apiVersion: string): Promise<KubeObject> {
    if (object.apiVersion === apiVersion) return object;
    if (isEmpty(object)) return { ...object, apiVersion };
    const { version } = parseApiVersion(object.apiVersion!)!;
    const { group } = parseApiVersion(apiVersion)!;
    const fail = (what: string) =>
      plainError(`conversion webhook for ${group}/${version}, Kind=${object.kind} ${what}`);
    const converted = await this.#ask(object, apiVersion).catch((error: Error) => {
      throw fail(`failed: ${error.message}`);
    });
    if (converted.length !== 1) throw fail(`returned ${converted.length} objects, expected 1`);
    const found = converted[0] as unknown as KubeObject;
    const invalid = (why: string) => fail(`returned invalid object at index 0: ${why}`);
    if (found.apiVersion !== apiVersion)
      throw invalid(`invalid groupVersion (expected ${apiVersion}, received ${found.apiVersion ?? ''})`);
    if (found.kind !== object.kind)
      throw invalid(`invalid kind (expected ${object.kind}, received ${found.kind ?? ''})`);
    const changed = changedIdentity(object, found);
    if (changed !== undefined) throw fail(`returned invalid object: ${changed}`);
    const restored = restoreMeta(object, found);
    if (typeof restored === 'string') throw fail(`returned invalid metadata: ${restored}`);
    return { ...found, metadata: restored };
  }

  /** @throws Error that says why there are none */
  async #ask(object: KubeObject, desiredAPIVersion: string): Promise<JsonValue[]> {
    const { clientConfig = {}, conversionReviewVersions = [] } = this.#webhook;
    const version = conversionReviewVersions.find((candidate) => REVIEWS.includes(candidate));
    if (version === undefined) throw new Error('no supported conversion review versions');
    const uid = randomUUID();
    const review: JsonObject = {
      kind: 'ConversionReview',
      apiVersion: `${GROUP}/${version}`,
      request: { uid, desiredAPIVersion, objects: [object as unknown as JsonObject] },
      response: { uid: '', convertedObjects: null, result: { metadata: {} } },
    };
    const call = { timeoutMs: TIMEOUT_MS, userAgent: 'kube-apiserver' };
    return convertedObjects(await this.#client.post(targetOf(clientConfig), review, call), version, uid);
  }
}

/** What a create starts from is the same in all versions. */
function isEmpty({ apiVersion: _version, kind: _kind, metadata, ...rest }: KubeObject): boolean {
  return Object.keys(rest).length === 0 && Object.keys(metadata ?? {}).length === 0;
}

function convertedObjects({ apiVersion, kind, response }: JsonObject, version: string, uid: string): JsonValue[] {
  if (kind !== 'ConversionReview')
    throw new Error(
      `no kind "${kind ?? ''}" is registered for version "${apiVersion ?? ''}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  const expected = `${GROUP}/${version}`;
  if (version === 'v1' && apiVersion !== expected)
    throw new Error(`expected webhook response of ${expected}, Kind=${kind}, got ${apiVersion ?? ''}, Kind=${kind}`);
  if (!isJsonObject(response)) throw new Error('no response provided');
  if (version === 'v1' && response.uid !== uid)
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`);
  const result = isJsonObject(response.result) ? response.result : {};
  if (result.status !== 'Success')
    throw new Error((result.message as string) || `response.result.status was '${result.status ?? ''}', not 'Success'`);
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

function changedIdentity(before: KubeObject, after: KubeObject): string | undefined {
  for (const [field, what] of [
    ['name', 'name'],
    ['namespace', 'namespace'],
    ['uid', 'UID'],
  ] as const) {
    const [expected, got] = [before.metadata[field] ?? '', after.metadata?.[field] ?? ''];
    if (expected !== got) return `must have the same ${what}: ${expected} != ${got}`;
  }
  return undefined;
}

/** Of metadata a webhook may change labels and annotations alone. @returns a text for what it must not say */
function restoreMeta(before: KubeObject, after: KubeObject): KubeObject['metadata'] | string {
  if (after.metadata === undefined) return 'missing metadata in converted object';
  const metadata = structuredClone(before.metadata) as unknown as JsonObject;
  const said = after.metadata as unknown as JsonObject;
  if (!isJsonObject(said)) return `invalid metadata of type ${goTypeName(said)} in converted object`;
  for (const field of ['labels', 'annotations'] as const) {
    const value = said[field];
    if (value === undefined || value === null) {
      delete metadata[field];
      continue;
    }
    if (!isJsonObject(value)) return `invalid metadata.${field} of type ${goTypeName(value)} in converted object`;
    const wrong = Object.entries(value).find(([, text]) => typeof text !== 'string');
    if (wrong)
      return `metadata.${field}[${wrong[0]}] must be a string, but is ${goTypeName(wrong[1])} in converted object`;
    const faults = jsonEqual(value, metadata[field]) ? [] : faultsOf(field, value);
    if (faults.length > 0) return faults.length === 1 ? faults[0]! : `[${faults.join(', ')}]`;
    metadata[field] = value;
  }
  return metadata as unknown as KubeObject['metadata'];
}

function faultsOf(field: 'labels' | 'annotations', value: JsonObject): string[] {
  const meta = { name: 'a', [field]: value as Record<string, string> };
  const errors = validateObjectMeta(meta, { namespaced: false, nameCheck: validatePathSegmentName, custom: true });
  const name = (path: string) =>
    field === 'labels' ? path : path.replace('metadata.annotations', 'metadata.annotation');
  return [...new Set(errors.map((error) => `${name(error.field)}: ${error.message}`))];
}
