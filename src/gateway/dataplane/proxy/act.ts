import { locationOf, rewrittenPath } from '../../explain/answer.ts';
import type { BackendFilters, Forward, Redirect } from '../../model/index.ts';
import { changeHeaders } from '../filters/header-change.ts';
import { sessionOf } from '../filters/session.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { RequestMessage } from '../http/message.ts';
import { onWire } from '../http/wire-text.ts';
import type { Cluster } from '../upstream/cluster.ts';
import type { Exchange } from './exchange.ts';
import { hashKeyOf } from './hash-key.ts';
import { startMirror } from './mirror.ts';
import { takesMirror } from './route-state.ts';
import type { Routed } from './routed.ts';

/** Does what a route is for, when its filters have let a request by: an answer, another place to go to, or a backend. */
export function act(exchange: Exchange, routed: Routed): void {
  const { incoming, route, choice } = routed;
  const { action } = route;
  if (route.requestHeaders !== undefined) changeHeaders(incoming.headers, route.requestHeaders);
  if (action.type === 'direct')
    exchange.reply({ status: action.statusCode, ...(action.body && { body: action.body }) });
  else if (action.type === 'redirect') redirect(exchange, action, routed);
  else if (choice?.filters?.redirect !== undefined) redirect(exchange, choice.filters.redirect, routed);
  else forward(exchange, action, routed);
}

function redirect(exchange: Exchange, to: Redirect, { incoming, route }: Routed): void {
  const location = locationOf({ ...to, ...pathOnWire(to.path) }, route, incoming);
  exchange.reply({ status: to.statusCode, headers: ['location', location] });
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
    if (takesMirror(mirror)) startMirror(exchange, mirror, message, action.requestTimeoutMs);
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
