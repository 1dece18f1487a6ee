import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeObject, newNotAcceptable } from 'nekube/apimachinery';
import type { Storage } from 'nekube/storage';
import type { RemoteApi } from './aggregation/remote-api.ts';
import { header, type RequestContext, warn } from './context.ts';
import { LIVE_AUDIT_PATH } from './audit/live.ts';
import { sendLiveAudit } from './audit/live-stream.ts';
import { ConvertingStorage } from './customresources/converting-storage.ts';
import { WebhookConverter } from './customresources/webhook-converter.ts';
import { handleDiscovery } from './discovery.ts';
import { methodNotAllowed, notAcceptable, notFound } from './errors.ts';
import { negotiate, OBJECT_MEDIA_TYPES, parseAccept } from './media-type.ts';
import { handleDelete, handleDeleteCollection } from './handlers/delete.ts';
import { handlePatch } from './handlers/patch.ts';
import { handleGet, handleList } from './handlers/read.ts';
import { handleWatch } from './handlers/watch.ts';
import { handleCreate, handleUpdate, notFoundHere } from './handlers/write.ts';
import { handleHealth, type HealthCheck } from './health.ts';
import { checkAcceptable } from './not-acceptable.ts';
import { handleOpenApi } from './openapi.ts';
import { encodeObject, sendBytes, sendObject, sendPageNotFound } from './respond.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import type { ServedResource } from './registry/served.ts';
import type { RequestInfo } from './request-info.ts';
import { sendConfiguration, sendKeys } from './service-accounts/discovery.ts';
import { findReview } from './reviews.ts';
import { handleBinding } from './subresources/binding.ts';
import { findSubresource } from './subresources/index.ts';
import type { ServerDeps } from './server-deps.ts';
import { serverVersion } from './version.ts';

/** Serves a request that is allowed. @throws StatusError */
export async function route(context: RequestContext, deps: ServerDeps): Promise<void> {
  const api = remoteApi(context.info, deps);
  if (api !== undefined) return deps.aggregator.serve(context, api);
  if (context.info.isResource) return routeResource(context, deps);
  return routePath(context, deps);
}

/** The API of another server that a path is of. */
function remoteApi(
  { isResource, group, version, path }: RequestInfo,
  { aggregator }: ServerDeps,
): RemoteApi | undefined {
  if (isResource) return aggregator.find(group, version);
  const [, prefix, first = '', second = ''] = path.split('/');
  if (prefix === 'api') return aggregator.find('', first || 'v1');
  return prefix === 'apis' && second !== '' ? aggregator.find(first, second) : undefined;
}

async function routePath(context: RequestContext, deps: ServerDeps): Promise<void> {
  const { path } = context.info;
  const known = isKnownPath(path, deps);
  if (!known) return sendPageNotFound(context);
  const isCustom = (group: string) => deps.resources.isCustomGroup(group) || !deps.resources.hasGroup(group);
  if (isGroupPath(path) && isServed(path, deps)) checkAcceptable(context, isCustom(path.split('/')[2]!));
  if (await handleHealth(context, healthChecks(deps.storage))) return;
  if (path === LIVE_AUDIT_PATH) return sendLiveAudit(context, deps.liveAudit);
  if (path === '/metrics') return sendMetrics(context, deps.metrics);
  if (await handleOpenApi(context, deps)) return;
  if (context.method !== 'GET' && isReadOnly(path)) throw isServed(path, deps) ? methodNotAllowed() : notFound();
  if (path === '/version' || path === '/version/') return sendVersion(context);
  if (path === '/' || path === '/index.html') return sendObject(context, 200, { paths: rootPaths(deps) });
  if (path === '/.well-known/openid-configuration') return sendConfiguration(context, deps.accounts);
  if (path === '/openid/v1/jwks') return sendKeys(context, deps.accounts);
  if (!handleDiscovery(context, deps.aggregator.groups(), deps.serverAddress(), isCustom)) sendPageNotFound(context);
}

/** Versions of groups answer in the encodings of objects. */
function isGroupPath(path: string): boolean {
  return /^\/apis\/[^/]+\/[^/]+\/?$/.test(path) || path.startsWith('/api/v');
}

/** The version is there in JSON alone, for all who take that as well. @throws StatusError NotAcceptable */
function sendVersion(context: RequestContext): void {
  const mediaType = 'application/json';
  const clauses = parseAccept(header(context.request, 'accept'));
  if (clauses.length > 0 && !clauses.some(({ type }) => [mediaType, 'application/*', '*/*'].includes(type)))
    throw notAcceptable([mediaType]);
  const { pretty } = context.accept;
  sendBytes(context, 200, mediaType, encodeObject({ accept: { encoding: 'json', mediaType, pretty } }, serverVersion));
}

/** Paths that answer to GET alone: versions of groups, and what describes the server. The others take any method. */
function isReadOnly(path: string): boolean {
  const [, first, group, version] = path.split('/');
  if (first === 'apis') return Boolean(group) && Boolean(version);
  return ['api', 'version', '.well-known', 'openid'].includes(first ?? '');
}

/** False for a version of a group that is not served. */
function isServed(path: string, deps: ServerDeps): boolean {
  const [, first, ...rest] = path.split('/');
  const [group, version] = first === 'api' ? ['', rest[0]] : rest;
  if ((first !== 'api' && first !== 'apis') || !version) return true;
  const served = deps.aggregator.groups().find((candidate) => candidate.group === group);
  return served?.versions.some((candidate) => candidate.version === version) ?? false;
}

const PLAIN_PATHS = new Set([
  '/',
  '/index.html',
  '/version',
  '/version/',
  '/.well-known/openid-configuration',
  '/openid/v1/jwks',
  '/openapi/v2',
  '/metrics',
  LIVE_AUDIT_PATH,
]);

function isKnownPath(path: string, deps: ServerDeps): boolean {
  if (PLAIN_PATHS.has(path)) return true;
  const [, first = '', group = ''] = path.split('/');
  if (first === 'apis') return group === '' || deps.resources.hasGroup(group) || deps.aggregator.hasGroup(group);
  return (
    ['api', 'healthz', 'livez', 'readyz'].includes(first) || path === '/openapi/v3' || path.startsWith('/openapi/v3/')
  );
}

function sendMetrics(context: RequestContext, metrics: ServerMetrics): void {
  sendBytes(
    context,
    200,
    'text/plain; version=0.0.4; charset=utf-8; escaping=underscores',
    Buffer.from(metrics.text()),
  );
}

function rootPaths(deps: ServerDeps): string[] {
  const groups = deps.aggregator
    .groups()
    .flatMap(({ group, versions }) =>
      group === '' ? ['/api', '/api/v1'] : [`/apis/${group}`, ...versions.map((v) => `/apis/${group}/${v.version}`)],
    );
  const plain = [
    '/.well-known/openid-configuration',
    '/apis',
    '/healthz',
    '/livez',
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openid/v1/jwks',
    '/readyz',
    '/version',
  ];
  return [...groups, ...plain].sort();
}

function healthChecks(storage: Storage): HealthCheck[] {
  const nothing = () => {};
  return [
    { name: 'ping', check: nothing },
    { name: 'log', check: nothing },
    { name: 'etcd', check: () => checkStorage(storage) },
  ];
}

/** kube-apiserver's `--etcd-healthcheck-timeout`. */
const STORAGE_CHECK_MS = 2000;

async function checkStorage(storage: Storage): Promise<void> {
  const waiting = new AbortController();
  const late = sleep(STORAGE_CHECK_MS, undefined, { signal: waiting.signal, ref: false }).then(() => {
    throw new Error('error getting data from etcd: context deadline exceeded');
  });
  try {
    await Promise.race([storage.get('/registry/health'), late]);
  } finally {
    late.catch(() => {});
    waiting.abort();
  }
}

async function routeResource(context: RequestContext, deps: ServerDeps): Promise<void> {
  const { group, version, resource: name, namespace } = context.info;
  if (!deps.resources.hasGroup(group)) return sendPageNotFound(context);
  const resource = deps.resources.find(group, version, name);
  checkWatchPath(context, resource);
  const review = findReview(context, deps);
  if (review !== undefined) {
    checkAcceptable(context, false);
    return review();
  }
  if (deps.resources.isCustomGroup(group) && (resource === undefined || !isCustomScope(context, resource)))
    return sendPageNotFound(context);
  if (resource === undefined) throw notFound();
  checkScope(context, resource, namespace);
  if (resource.custom) {
    warn(context, resource.deprecation ?? '');
    return routeFound(withoutProtobuf(context), deps, resource);
  }
  return routeFound(context, deps, resource);
}

/**
 * What is authorized as a watch is served as nothing else: below `/api/v1/watch/` there are only collections and objects
 * that can be watched, and they answer to GET. @throws StatusError
 */
function checkWatchPath({ info, method }: RequestContext, resource: ServedResource | undefined): void {
  if (info.verb !== 'watch' || resource === undefined || resource.custom) return;
  if (!resource.verbs.includes('watch') || info.subresource !== '') throw notFound();
  if (method !== 'GET') throw methodNotAllowed();
}

async function routeFound(context: RequestContext, all: ServerDeps, resource: ServedResource): Promise<void> {
  const { subresource } = context.info;
  const deps = converting(all, resource);
  if (subresource === '') {
    checkAcceptable(context, resource.custom);
    return routeMain(context, deps, resource);
  }
  const handler = findSubresource(context, deps, resource);
  if (handler === undefined) throw resource.custom ? notFoundHere(context, resource) : notFound();
  checkAcceptable(context, resource.custom);
  await handler();
}

/** With storage and store as the version of a resource sees them, where a webhook converts. */
function converting(deps: ServerDeps, { conversion, apiVersion, kind }: ServedResource): ServerDeps {
  if (conversion === undefined) return deps;
  const { storageApiVersion, webhook, settleStored } = conversion;
  const converter = new WebhookConverter(deps.webhooks, webhook);
  const convert = (object: KubeObject, to: string) => converter.convert(object, to);
  const storage = new ConvertingStorage(deps.storage, { apiVersion, storageApiVersion, kind, settleStored, convert });
  return { ...deps, storage, store: deps.store.on(storage) };
}

/** Custom resources have no protobuf form: the next best that the client accepts. @throws StatusError NotAcceptable */
function withoutProtobuf(context: RequestContext): RequestContext {
  if (context.accept.encoding !== 'protobuf') return context;
  const { pretty } = context.accept;
  const clauses = (header(context.request, 'accept') ?? '').split(',').filter((clause) => !clause.includes('protobuf'));
  const accept = clauses.length > 0 ? negotiate(clauses.join(','), { pretty }) : undefined;
  if (accept !== undefined) return { ...context, accept };
  const types = Object.keys(OBJECT_MEDIA_TYPES).join(', ');
  throw newNotAcceptable(`only the following media types are accepted: ${types}`);
}

/** What the handler of custom resources takes for its own; the rest is a path that nobody serves. */
function isCustomScope({ info }: RequestContext, resource: ServedResource): boolean {
  if (!resource.namespaced) return info.namespace === '';
  return info.namespace !== '' || ((info.verb === 'list' || info.verb === 'watch') && info.name === '');
}

/** A namespaced object has its namespace in the path; a cluster's has none. @throws StatusError NotFound */
function checkScope(context: RequestContext, resource: ServedResource, namespace: string): void {
  const isNamespaces = resource.group === '' && resource.resource === 'namespaces';
  if (context.info.rest.length > 0 && context.info.subresource !== 'proxy') throw notFound();
  if (!resource.namespaced && namespace !== '' && !isNamespaces) throw notFound();
  if (resource.namespaced && namespace === '' && context.info.name !== '') throw notFound();
}

async function routeMain(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<void> {
  const { verb, name } = context.info;
  const collection = name === '';
  const acrossNamespaces = resource.namespaced && context.info.namespace === '';
  if (!resource.verbs.includes(verb) || (acrossNamespaces && verb !== 'list' && verb !== 'watch'))
    throw methodNotAllowed();
  warn(context, resource.deprecation ?? '');
  switch (verb) {
    case 'get':
      return handleGet(context, resource, deps.store, deps.storage);
    case 'list':
      return handleList(context, resource, deps.storage);
    case 'watch':
      return handleWatch(context, resource, deps.storage);
    case 'create':
      if (!collection) throw methodNotAllowed();
      if (resource.group === '' && resource.resource === 'bindings')
        return handleBinding(context, deps, deps.resources.builtin('', 'v1', 'pods'));
      return handleCreate(context, deps, resource);
    case 'delete':
      return handleDelete(context, deps, resource);
    case 'deletecollection':
      return handleDeleteCollection(context, deps, resource, deps.storage);
  }
  if (collection) throw methodNotAllowed();
  return verb === 'update' ? handleUpdate(context, deps, resource) : handlePatch(context, deps, resource);
}
