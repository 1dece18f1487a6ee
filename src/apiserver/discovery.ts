import {
  aggregatedDiscoveryDocument,
  apiGroupDocument,
  apiGroupListDocument,
  apiResourceListDocument,
  apiVersionsDocument,
  type ServedGroup,
} from 'nekube/api';
import { type JsonObject, newNotAcceptable, stringifyJson } from 'nekube/apimachinery';
import { header, type RequestContext } from './context.ts';
import { notFound } from './errors.ts';
import { OBJECT_MEDIA_TYPES, parseAccept } from './media-type.ts';
import { sendBytes, sendObject, sendPageNotFound } from './respond.ts';

/** A document in the aggregated form, and the media type that names its version. */
interface Aggregated {
  readonly version: 'v2' | 'v2beta1';
  readonly mediaType: string;
}

/** Bytes of aggregated documents, which every client asks for first; made once a set of groups. */
const aggregatedBytes = new WeakMap<readonly ServedGroup[], Map<string, Buffer>>();

/**
 * Serves `/api`, `/apis` and below, where the path names no resource.
 *
 * @returns false if the path is another one
 */
export function handleDiscovery(context: RequestContext, groups: readonly ServedGroup[], serverAddress: string): boolean {
  const [, prefix, group, version, ...rest] = context.info.path.replace(/\/+$/, '').split('/');
  if (prefix === 'api') return discoverCore(context, groups, serverAddress, group, rest.length > 0 || version !== undefined);
  if (prefix !== 'apis' || rest.length > 0) return false;
  if (group === undefined) sendRoot(context, groups.filter((g) => g.group !== ''), () => apiGroupListDocument(groups));
  else discoverGroup(context, groups.find((g) => g.group === group && group !== ''), version);
  return true;
}

function discoverCore(
  context: RequestContext,
  groups: readonly ServedGroup[],
  serverAddress: string,
  version: string | undefined,
  deeper: boolean,
): boolean {
  if (deeper) return false;
  const core = groups.filter((g) => g.group === '');
  if (version === undefined) {
    sendRoot(context, core, () => apiVersionsDocument(serverAddress));
    return true;
  }
  const served = core[0]?.versions.find((v) => v.version === version);
  if (served === undefined) throw notFound();
  sendObject(context, 200, apiResourceListDocument('', served));
  return true;
}

function discoverGroup(context: RequestContext, group: ServedGroup | undefined, version: string | undefined): void {
  if (group === undefined) return sendPageNotFound(context);
  if (version === undefined) return sendObject(context, 200, apiGroupDocument(group));
  const served = group.versions.find((v) => v.version === version);
  if (served === undefined) throw notFound();
  sendObject(context, 200, apiResourceListDocument(group.group, served));
}

/** `/api` and `/apis`: aggregated where the client asks for that (KEP-3352), else the plain list. */
function sendRoot(context: RequestContext, groups: readonly ServedGroup[], plain: () => JsonObject): void {
  const aggregated = negotiateAggregated(header(context.request, 'accept'));
  if (aggregated === undefined) return sendObject(context, 200, plain());
  context.response.setHeader('vary', 'Accept');
  sendBytes(context, 200, aggregated.mediaType, aggregatedDocument(groups, aggregated.version));
}

function aggregatedDocument(groups: readonly ServedGroup[], version: 'v2' | 'v2beta1'): Buffer {
  const key = groups[0] === undefined ? NO_GROUPS : (groups[0].versions as unknown as readonly ServedGroup[]);
  let byVersion = aggregatedBytes.get(key);
  if (byVersion === undefined) aggregatedBytes.set(key, (byVersion = new Map()));
  const name = `${version} ${groups.map((g) => `${g.group}:${g.versions.map((v) => v.resources.length).join()}`).join(' ')}`;
  let bytes = byVersion.get(name);
  if (bytes === undefined || groups.length === 0) {
    bytes = Buffer.from(`${stringifyJson(aggregatedDiscoveryDocument(groups, version))}\n`);
    byVersion.set(name, bytes);
  }
  return bytes;
}

const NO_GROUPS: readonly ServedGroup[] = [];

/** @returns undefined for the plain form. @throws StatusError 406 if only unknown forms are accepted */
function negotiateAggregated(accept: string | undefined): Aggregated | undefined {
  const clauses = parseAccept(accept);
  if (clauses.length === 0) return undefined;
  for (const { type, parameters } of clauses) {
    const { g, v, as } = parameters;
    const plain = g === undefined && as === undefined;
    if (plain && (type in OBJECT_MEDIA_TYPES || type === '*/*' || type === 'application/*')) return undefined;
    if (type !== 'application/json' || g !== 'apidiscovery.k8s.io' || as !== 'APIGroupDiscoveryList') continue;
    if (v === 'v2' || v === 'v2beta1') return { version: v, mediaType: `application/json;g=apidiscovery.k8s.io;v=${v};as=APIGroupDiscoveryList` };
  }
  throw newNotAcceptable(`only the following media types are accepted: ${Object.keys(OBJECT_MEDIA_TYPES).join(', ')}`);
}
