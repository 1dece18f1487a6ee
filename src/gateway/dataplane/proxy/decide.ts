import { DEBUG_HEADERS, DEBUG_REQUEST } from '../../model/debug-headers.ts';
import { randomUUID } from 'node:crypto';
import { locationOf, rewrittenPath } from '../../explain/answer.ts';
import { hostOf, normalizePath } from '../../matching/index.ts';
import type {
  BackendFilters,
  Forward,
  HeaderChange,
  HttpRoute,
  Redirect,
  RouteSettings,
  WeightedBackend,
} from '../../model/index.ts';
import { RequestRecord } from '../access-log/request-record.ts';
import { checkAccess } from '../filters/access.ts';
import { corsVerdict } from '../filters/cors.ts';
import { markForwarded } from '../filters/forwarded.ts';
import { changeHeaders } from '../filters/header-change.ts';
import { sessionOf, tellSession } from '../filters/session.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { RequestMessage } from '../http/message.ts';
import { onWire } from '../http/wire-text.ts';
import type { Claims } from '../jwt/token.ts';
import { isGrpc, type RoutedRequest } from '../router/index.ts';
import type { Cluster } from '../upstream/cluster.ts';
import type { Host } from '../upstream/host.ts';
import type { Exchange } from './exchange.ts';
import { askBeforeRoute, askExternalAuth } from './external-auth.ts';
import { askRateLimit } from './global-rate-limit.ts';
import { hashKeyOf } from './hash-key.ts';
import { startMirror } from './mirror.ts';
import { countersOf, takesMirror, weightsOf } from './route-state.ts';
import { checkToken } from './token-check.ts';

/** A request with what is known of it before its route is. */
export interface Incoming extends RoutedRequest {
  readonly headers: HeaderList;
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  readonly port: number;
  /** The client's address, by what is trusted. */
  readonly client: string;
  /** Of its tokens, by provider. */
  readonly claims?: ReadonlyMap<string, Claims>;
}

/** A route that has a request. */
interface Routed {
  readonly incoming: Incoming;
  readonly route: HttpRoute;
  /** Of a forward: the backend that was chosen. */
  readonly choice: WeightedBackend | undefined;
}

/** Finds the route of a request and does what it says: filters in Envoy's order, then its action. `peer` is who connected. */
export function decide(exchange: Exchange, peer: string): void {
  if (exchange.chain.settings?.accessLogs !== undefined) {
    exchange.record = new RequestRecord(exchange.stream, peer, exchange.plane.wallClock());
  }
  const incoming = arrive(exchange, peer);
  if (incoming === undefined) return;
  exchange.grpc = isGrpc(incoming);
  const early = exchange.chain.router.externalAuths(incoming.host);
  if (early.length === 0) decideRoute(exchange, incoming);
  else askBeforeRoute(exchange, early, incoming, (asked) => decideRoute(exchange, asked));
}

function decideRoute(exchange: Exchange, incoming: Incoming): void {
  const route = exchange.chain.router.route(incoming);
  if (route === undefined) {
    exchange.reply({ status: 404 });
    return;
  }
  if (exchange.record !== undefined) exchange.record.route = route;
  const { action } = route;
  const choice = action.type === 'forward' ? weightsOf(action).next() : undefined;
  applyRoute(exchange, { incoming, route, choice });
}

/** What every request has done to it; undefined if it was answered. */
function arrive(exchange: Exchange, peer: string): Incoming | undefined {
  const { stream, chain } = exchange;
  const { method, authority, path: target, headers } = stream.request;
  const { scheme, port, settings } = chain;
  // of a host or a whole server (CONNECT, `OPTIONS *`) no route is
  if (!target.startsWith('/')) {
    exchange.reply({ status: 404 });
    return undefined;
  }
  const normal = normalizePath(target, settings?.path);
  if (normal.type === 'bad') exchange.reply({ status: 400 });
  if (normal.type === 'redirect') exchange.reply({ status: 307, headers: ['location', normal.location] });
  if (normal.type !== 'path') return undefined;
  const client = markForwarded(headers, { peer, scheme }, settings?.clientAddress);
  if (client === undefined) {
    exchange.reply({ status: 403 });
    return undefined;
  }
  headers.set('x-request-id', randomUUID());
  if (settings?.requestHeaders !== undefined) changeHeaders(headers, settings.requestHeaders);
  const { path, query } = normal;
  return { method, authority, host: hostOf(authority), path, query, headers, scheme, port, client };
}

function applyRoute(exchange: Exchange, routed: Routed): void {
  const { incoming, route, choice } = routed;
  const filters = choice?.filters;
  setAnswerChanges(exchange, routed);
  const cors = filters?.cors ?? route.cors;
  if (cors !== undefined) {
    const verdict = corsVerdict(cors, incoming.method, incoming.headers);
    addAnswerHeaders(exchange, verdict?.headers ?? []);
    if (verdict?.preflight === true) {
      exchange.reply({ status: 200 });
      return;
    }
  }
  const { settings } = route;
  if (settings?.compression !== undefined && incoming.method !== 'HEAD') {
    exchange.compression = { kinds: settings.compression, accepted: incoming.headers.get('accept-encoding') };
  }
  if (settings === undefined) authorize(exchange, routed);
  else if (isAborted(exchange, settings)) return;
  else if (settings.jwt === undefined) applyPolicies(exchange, routed);
  else checkToken(exchange, settings.jwt, incoming, (known) => applyPolicies(exchange, { ...routed, incoming: known }));
}

/** Trouble on purpose comes before all that could refuse. */
function isAborted(exchange: Exchange, { fault }: RouteSettings): boolean {
  if (fault?.abort === undefined || exchange.plane.random() * 100 >= fault.abort.percent) return false;
  const { httpStatus = 503, grpcStatus } = fault.abort;
  exchange.reply({ status: httpStatus, body: 'fault filter abort', ...(grpcStatus !== undefined && { grpcStatus }) });
  return true;
}

function applyPolicies(exchange: Exchange, routed: Routed): void {
  if (!passesPolicies(exchange, routed)) return;
  const { globalRateLimits } = routed.route.settings!;
  if (globalRateLimits === undefined) authorize(exchange, routed);
  else askRateLimit(exchange, globalRateLimits, routed.incoming, () => authorize(exchange, routed));
}

function authorize(exchange: Exchange, routed: Routed): void {
  const { incoming, route, choice } = routed;
  const auth = choice?.filters?.externalAuth ?? route.externalAuth;
  if (auth === undefined) act(exchange, routed);
  else askExternalAuth(exchange, auth, incoming, () => act(exchange, routed));
}

function setAnswerChanges(exchange: Exchange, { incoming, route, choice }: Routed): void {
  const changes = [choice?.filters?.responseHeaders, route.responseHeaders].filter(
    (change): change is HeaderChange => change !== undefined,
  );
  const persistence = route.action.type === 'forward' ? route.action.sessionPersistence : undefined;
  const debug =
    exchange.chain.settings?.debugHeaders === true && incoming.headers.get(DEBUG_REQUEST.name) === DEBUG_REQUEST.value;
  if (changes.length === 0 && persistence === undefined && !debug) return;
  const ofBackend = (headers: HeaderList, host: Host): void => {
    if (debug) headers.append(DEBUG_HEADERS.endpoint, host.name);
    if (persistence === undefined) return;
    const known = sessionOf(persistence, incoming.headers);
    tellSession(persistence, host.name, known, headers, incoming.scheme === 'https');
  };
  const told = debug ? debugHeaders(exchange.chain.name, route.name, choice?.backend) : [];
  exchange.answerChanges = { changes, headers: told, ofBackend };
}

function debugHeaders(chain: string, route: string, backend = 'none'): readonly string[] {
  return [DEBUG_HEADERS.listener, chain, DEBUG_HEADERS.route, route, DEBUG_HEADERS.backend, backend];
}

function addAnswerHeaders(exchange: Exchange, headers: readonly string[]): void {
  if (headers.length === 0) return;
  const { changes = [], headers: before = [], ofBackend } = exchange.answerChanges ?? {};
  exchange.answerChanges = { changes, headers: [...before, ...headers], ...(ofBackend && { ofBackend }) };
}

/** Whether policies let a request go on now; if not it was answered, or will be. */
function passesPolicies(exchange: Exchange, { incoming, route }: Routed): boolean {
  const settings = route.settings!;
  const { maxRequestBodyBytes } = settings;
  const { sweeper } = exchange.plane;
  const denial = checkAccess(settings, incoming);
  if (denial !== undefined) {
    const { status, body, challenge } = denial;
    exchange.reply({ status, body, headers: challenge === undefined ? [] : ['www-authenticate', challenge] });
    return false;
  }
  if (!countersOf(settings).every((counter) => counter.allows(incoming.headers, incoming.client, sweeper.now))) {
    exchange.reply({ status: 429, body: 'local_rate_limited' });
    return false;
  }
  if (maxRequestBodyBytes === undefined) return true;
  exchange.maxBodyBytes = maxRequestBodyBytes;
  if (Number(incoming.headers.first('content-length') ?? 0) <= maxRequestBodyBytes) return true;
  exchange.reply({ status: 413, body: 'Payload Too Large' });
  return false;
}

function act(exchange: Exchange, routed: Routed): void {
  const { incoming, route, choice } = routed;
  const { action } = route;
  if (route.requestHeaders !== undefined) changeHeaders(incoming.headers, route.requestHeaders);
  if (action.type === 'direct')
    exchange.reply({ status: action.statusCode, ...(action.body && { body: action.body }) });
  else if (action.type === 'redirect') redirect(exchange, action, routed);
  else if (choice?.filters?.redirect !== undefined) redirect(exchange, choice.filters.redirect, routed);
  else forwardLater(exchange, action, routed);
}

function redirect(exchange: Exchange, to: Redirect, { incoming, route }: Routed): void {
  const location = locationOf({ ...to, ...pathOnWire(to.path) }, route, incoming);
  exchange.reply({ status: to.statusCode, headers: ['location', location] });
}

/** After the delay that a fault is, if one is asked for. */
function forwardLater(exchange: Exchange, action: Forward, routed: Routed): void {
  const delay = routed.route.settings?.fault?.delay;
  if (delay === undefined || exchange.plane.random() * 100 >= delay.percent) {
    forward(exchange, action, routed);
    return;
  }
  const timer = setTimeout(() => exchange.guarded(() => forward(exchange, action, routed)), delay.ms);
  exchange.onOver(() => clearTimeout(timer));
}

function forward(exchange: Exchange, action: Forward, { incoming, route, choice }: Routed): void {
  const cluster = choice?.backend === undefined ? undefined : exchange.plane.clusters.get(choice.backend);
  if (cluster === undefined) {
    exchange.reply({ status: 500, grpcStatus: 14 });
    return;
  }
  const { headers } = incoming;
  if (choice?.filters?.requestHeaders !== undefined) changeHeaders(headers, choice.filters.requestHeaders);
  const message = messageFor(exchange, { incoming, route, choice }, action, cluster);
  for (const mirror of [...(route.mirrors ?? []), ...(choice?.filters?.mirrors ?? [])]) {
    if (takesMirror(mirror)) startMirror(exchange, mirror, message);
  }
  const persistence = action.sessionPersistence;
  exchange.forward({
    forward: action,
    cluster,
    message,
    hashKey: hashKeyOf(cluster.backend.settings?.loadBalancing, incoming),
    session: persistence === undefined ? undefined : sessionOf(persistence, headers),
    random: exchange.plane.random,
  });
}

/** What the backend is asked. */
function messageFor(
  { stream }: Exchange,
  { incoming, route, choice }: Routed,
  action: Forward,
  cluster: Cluster,
): RequestMessage {
  const { method, authority, path, query, headers } = incoming;
  const { hostname, path: change } = rewriteOf(action, choice?.filters);
  const asked = change === undefined ? path : rewrittenPath(change, route, path);
  const { upgrade } = stream.request;
  const upgrades = upgrade?.toLowerCase() === 'websocket' && cluster.speaksHttp1;
  return {
    method,
    // what routes set of the host counts, as in Envoy
    authority: hostname ?? takeHost(headers) ?? authority,
    path: query === '' ? asked : `${asked}?${query}`,
    headers,
    ...(upgrades && { upgrade }),
  };
}

function rewriteOf({ rewrite }: Forward, filters: BackendFilters | undefined): NonNullable<Forward['rewrite']> {
  const both = { ...rewrite, ...filters?.rewrite };
  return { ...both, ...pathOnWire(both.path) };
}

function pathOnWire(path: Redirect['path']): Pick<Redirect, 'path'> {
  return path === undefined ? {} : { path: { ...path, value: onWire(path.value) } };
}

function takeHost(headers: HeaderList): string | undefined {
  const host = headers.first('host');
  if (host !== undefined) headers.delete('host');
  return host;
}
