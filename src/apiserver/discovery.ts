import {
  aggregatedDiscoveryDocument,
  apiGroupDocument,
  apiGroupListDocument,
  apiResourceListDocument,
  apiVersionsDocument,
  type ServedGroup,
  type ServedVersion,
} from 'nekube/api';
import { type JsonObject, newNotAcceptable } from 'nekube/apimachinery';
import { header, type RequestContext } from './context.ts';
import { notFound } from './errors.ts';
import { negotiate, OBJECT_MEDIA_TYPES, parseAccept } from './media-type.ts';
import { encodeObject, sendBytes, sendObject, sendPageNotFound } from './respond.ts';

/** What follows the media type of the aggregated form; kube-apiserver 1.36 serves no other version of it. */
const AGGREGATED = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** An aggregated document, which every client asks for first, in bytes. */
interface Made {
  readonly encoding: AggregatedEncoding;
  /** What it is of: other resources are other objects. */
  readonly versions: readonly ServedVersion[];
  readonly bytes: Buffer;
}

/** Those that were asked for last, of all servers of this process; the latest is the last. */
const made: Made[] = [];
const MOST_MADE = 8;

/**
 * Serves `/api`, `/apis` and below, where the path names no resource.
 *
 * @param isCustom whether a group is one of custom resources alone, whose other versions nobody serves
 * @returns false if the path is another one
 */
export function handleDiscovery(
  context: RequestContext,
  groups: readonly ServedGroup[],
  serverAddress: string,
  isCustom: (group: string) => boolean,
): boolean {
  const [, prefix, group, version, ...rest] = context.info.path.replace(/\/+$/, '').split('/');
  if (prefix === 'api')
    return discoverCore(context, groups, serverAddress, group, rest.length > 0 || version !== undefined);
  if (prefix !== 'apis' || rest.length > 0) return false;
  if (group === undefined)
    sendRoot(
      context,
      groups.filter((g) => g.group !== ''),
      () => apiGroupListDocument(groups),
    );
  else
    discoverGroup(
      context,
      groups.find((g) => g.group === group && group !== ''),
      version,
      isCustom(group),
    );
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

function discoverGroup(
  context: RequestContext,
  group: ServedGroup | undefined,
  version: string | undefined,
  isCustom: boolean,
): void {
  if (group === undefined) return sendPageNotFound(context);
  const served = group.versions.find((v) => v.version === version);
  if (version !== undefined && served === undefined) {
    if (isCustom) return sendPageNotFound(context);
    throw notFound();
  }
  const accept = negotiate(header(context.request, 'accept'));
  if (accept === undefined || accept.as !== undefined) throw refusedForm();
  if (served === undefined) return sendObject(context, 200, apiGroupDocument(group));
  sendObject(context, 200, apiResourceListDocument(group.group, served));
}

/** `/api` and `/apis`: aggregated where the client asks for that (KEP-3352), else the plain list. */
function sendRoot(context: RequestContext, groups: readonly ServedGroup[], plain: () => JsonObject): void {
  const encoding = aggregatedEncoding(header(context.request, 'accept'));
  if (encoding === undefined) return sendObject(context, 200, plain());
  context.response.setHeader('vary', 'Accept');
  const document = aggregatedDocument(groups, encoding);
  context.audit?.responseObject(document, { encoding, pretty: false });
  sendBytes(context, 200, `${AGGREGATED_TYPES[encoding]};${AGGREGATED}`, document);
}

/** The encodings of the aggregated form. */
const AGGREGATED_TYPES = { json: 'application/json', protobuf: 'application/vnd.kubernetes.protobuf' } as const;
type AggregatedEncoding = keyof typeof AGGREGATED_TYPES;

function aggregatedDocument(groups: readonly ServedGroup[], encoding: AggregatedEncoding): Buffer {
  const versions = groups.flatMap((group) => group.versions);
  const at = made.findIndex((one) => one.encoding === encoding && isSame(one.versions, versions));
  const [known] = at < 0 ? [undefined] : made.splice(at, 1);
  const bytes = known?.bytes ?? encodedDocument(groups, encoding);
  made.push({ encoding, versions, bytes });
  if (made.length > MOST_MADE) made.shift();
  return bytes;
}

function isSame<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((member, i) => member === other[i]);
}

function encodedDocument(groups: readonly ServedGroup[], encoding: AggregatedEncoding): Buffer {
  const accept = { encoding, mediaType: AGGREGATED_TYPES[encoding], pretty: false };
  return encodeObject({ accept }, aggregatedDiscoveryDocument(groups));
}

/** @returns undefined for the plain form. @throws StatusError 406 if only unknown forms are accepted */
function aggregatedEncoding(accept: string | undefined): AggregatedEncoding | undefined {
  const clauses = parseAccept(accept);
  if (clauses.length === 0) return undefined;
  for (const { type, parameters } of clauses) {
    const { g, v, as } = parameters;
    const plain = g === undefined && as === undefined;
    if (plain && (type in OBJECT_MEDIA_TYPES || type === '*/*' || type === 'application/*')) return undefined;
    const encoding = OBJECT_MEDIA_TYPES[type];
    if (
      (encoding !== 'json' && encoding !== 'protobuf') ||
      g !== 'apidiscovery.k8s.io' ||
      as !== 'APIGroupDiscoveryList'
    )
      continue;
    if (v === 'v2') return encoding;
  }
  throw refusedForm();
}

/** 406 of what is negotiated after the route is found. */
function refusedForm(): Error {
  return newNotAcceptable(`only the following media types are accepted: ${Object.keys(OBJECT_MEDIA_TYPES).join(', ')}`);
}
