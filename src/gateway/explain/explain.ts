import { isIP } from 'node:net';
import {
  chainFor,
  compareDomains,
  covers,
  mismatchOf,
  normalizePath,
  type RequestHead,
  serverNameOf,
  virtualHostFor,
} from '../matching/index.ts';
import type {
  FilterChain,
  GatewayConfig,
  GatewayModel,
  HeaderChange,
  HttpRouting,
  Listener,
  Source,
  VirtualHost,
} from '../model/index.ts';
import { answerOfRoute, streamTargets } from './answer.ts';
import { headerWords } from './header-words.ts';
import type { Answer, Candidate, Explanation, GatewayExplanation, Step } from './explanation.ts';

/**
 * What becomes of a request by a model: which listener, virtual host, route and backends have it, and why the others have not.
 * With `gateway` (`NAMESPACE/NAME`) only that one is asked.
 */
export function explain(model: GatewayModel, request: RequestHead, gateway?: string): Explanation {
  const asked = model.gateways.filter(({ key }) => gateway === undefined || key === gateway);
  const addressed = asked.filter(({ addresses }) => addresses.includes(request.host));
  const candidates = addressed.length > 0 ? addressed : asked;
  const gateways = candidates.flatMap((config) => {
    const listener = config.listeners.find(({ port, transport }) => port === request.port && transport === 'TCP');
    return listener === undefined ? [] : [explainListener(model, config, listener, request)];
  });
  if (gateways.length > 0) return { request, gateways };
  return { request, gateways, unreachable: unreachable(candidates, request, gateway) };
}

function unreachable(candidates: readonly GatewayConfig[], { port }: RequestHead, gateway: string | undefined): string {
  if (candidates.length === 0) return gateway === undefined ? 'there is no gateway' : `there is no gateway ${gateway}`;
  const ports = [...new Set(candidates.flatMap((config) => config.listeners.map((listener) => listener.port)))];
  const which = gateway === undefined ? 'no gateway listens' : `gateway ${gateway} does not listen`;
  return `${which} on port ${port} (${ports.length === 0 ? 'on none at all' : `but on ${ports.sort((a, b) => a - b).join(', ')}`})`;
}

/** What is gathered on the way. */
interface Trail {
  readonly steps: Step[];
  readonly others: Candidate[];
}

function explainListener(
  model: GatewayModel,
  config: GatewayConfig,
  listener: Listener,
  request: RequestHead,
): GatewayExplanation {
  const because = `it has port ${listener.port}${withoutAddress(config, request)}`;
  const trail: Trail = {
    steps: [{ what: 'listener', name: listener.name, source: config.source, because }],
    others: [],
  };
  return {
    gateway: config.key,
    steps: trail.steps,
    others: trail.others,
    answer: throughChain(model, listener, request, trail),
  };
}

/** A request to another address may still come here, as by an address that is translated: it is told where that is asked for. */
function withoutAddress({ addresses }: GatewayConfig, { host }: RequestHead): string {
  const elsewhere = isIP(host) !== 0 && addresses.length > 0 && !addresses.includes(host);
  return elsewhere ? `, but its address is ${addresses.join(', ')}, not ${host}` : '';
}

function throughChain(model: GatewayModel, listener: Listener, request: RequestHead, trail: Trail): Answer {
  const isTls = listener.chains.some(({ tls, serverNames }) => tls !== undefined || serverNames !== undefined);
  const serverName = isTls && request.scheme === 'https' ? serverNameOf(request) : undefined;
  const chain = chainFor(listener, serverName);
  for (const other of listener.chains) if (other !== chain) trail.others.push(lostChain(other, serverName));
  if (chain === undefined) {
    const asked =
      serverName === undefined ? 'TLS with a server name is expected' : `no listener has the server name ${serverName}`;
    return { type: 'closed', because: asked };
  }
  trail.steps.push({ what: 'chain', name: chain.name, source: chain.source, because: whyChain(chain, serverName) });
  if (chain.tls !== undefined && request.scheme === 'http')
    return { type: 'closed', because: 'it speaks TLS, and the request is plain HTTP' };
  if (chain.tls === undefined && chain.http !== undefined && request.scheme === 'https') {
    return { type: 'closed', because: 'it speaks plain HTTP, and the request is of TLS' };
  }
  if (chain.stream !== undefined) {
    const { name, source } = chain.stream;
    return { type: 'stream', name, source, targets: streamTargets(model, chain.stream) };
  }
  const routed = withNormalPath(listener, chain, request, trail);
  return 'type' in routed ? routed : throughHost(model, chain.http!, routed, trail);
}

/** The request with the path and headers that routes are chosen by, or what is answered at once. */
function withNormalPath(
  { settings }: Listener,
  { source }: FilterChain,
  request: RequestHead,
  trail: Trail,
): RequestHead | Answer {
  const { path, query } = request;
  const normal = normalizePath(query === '' ? path : `${path}?${query}`, settings?.path);
  if (normal.type === 'bad') return { type: 'unrouted', statusCode: 400, because: `${path} is no path` };
  if (normal.type === 'redirect') {
    const because = 'slashes of the path are escaped';
    return { type: 'unrouted', statusCode: 307, location: normal.location, because };
  }
  if (normal.path !== path) trail.steps.push({ what: 'path', name: normal.path, source, because: `${path} means it` });
  return { ...request, path: normal.path, headers: changedHeaders(request, settings?.requestHeaders, source, trail) };
}

/** The headers that routes are chosen by: a policy may change them first. */
function changedHeaders(
  { headers }: RequestHead,
  change: HeaderChange | undefined,
  source: Source,
  { steps }: Trail,
): RequestHead['headers'] {
  const words = headerWords(change);
  if (change === undefined || words === '') return headers;
  steps.push({ what: 'headers', name: words, source, because: 'a policy says so of all requests here' });
  const changed = new Map(headers);
  for (const name of change.remove ?? []) changed.delete(name.toLowerCase());
  for (const { name, value } of change.set ?? []) changed.set(name.toLowerCase(), [value]);
  for (const { name, value } of change.add ?? []) {
    changed.set(name.toLowerCase(), [...(changed.get(name.toLowerCase()) ?? []), value]);
  }
  return changed;
}

function whyChain({ serverNames }: FilterChain, serverName: string | undefined): string {
  if (serverNames === undefined)
    return serverName === undefined ? 'it takes all connections' : `no other has ${serverName}`;
  return `its server name ${serverNames.filter((name) => covers(name, serverName!)).sort(compareDomains)[0]!} has ${serverName}`;
}

function lostChain({ name, source, serverNames }: FilterChain, serverName: string | undefined): Candidate {
  const has = serverName !== undefined && (serverNames ?? ['*']).some((domain) => covers(domain, serverName));
  const because = has
    ? 'its server name is less specific'
    : `it is for ${serverNames?.join(', ') ?? 'other connections'}`;
  return { what: 'chain', name, source, because };
}

function throughHost(model: GatewayModel, routing: HttpRouting, request: RequestHead, trail: Trail): Answer {
  const virtualHost = virtualHostFor(routing, request.host);
  for (const other of routing.virtualHosts) {
    if (other !== virtualHost) trail.others.push(lostHost(other, request.host));
  }
  if (virtualHost === undefined)
    return { type: 'not-found', because: `no route of this listener is for the host ${request.host}` };
  const domain = virtualHost.domains.filter((one) => covers(one, request.host)).sort(compareDomains)[0]!;
  trail.steps.push({
    what: 'virtual host',
    name: virtualHost.name,
    source: virtualHost.source,
    because: domain === '*' ? `no other has ${request.host}` : `${domain} has ${request.host}`,
  });
  for (const { backend, source } of virtualHost.externalAuths ?? []) {
    const because = 'it is asked before a route is chosen, which may be another by what it adds';
    trail.steps.push({ what: 'filter', name: backend, source, because });
  }
  return throughRoutes(model, virtualHost, request, trail);
}

function lostHost({ name, source, domains }: VirtualHost, host: string): Candidate {
  const has = domains.some((domain) => covers(domain, host));
  const because = has ? `${domains.join(', ')} is less specific` : `${domains.join(', ')} has not ${host}`;
  return { what: 'virtual host', name, source, because };
}

function throughRoutes(model: GatewayModel, virtualHost: VirtualHost, request: RequestHead, trail: Trail): Answer {
  let found: Answer | undefined;
  for (const route of virtualHost.routes) {
    const mismatch = mismatchOf(route.match, request);
    if (found === undefined && mismatch === undefined) {
      trail.steps.push({
        what: 'route',
        name: route.name,
        source: route.source,
        because: 'it is the first that matches',
      });
      found = answerOfRoute(model, route, request);
      continue;
    }
    trail.others.push({
      what: 'route',
      name: route.name,
      source: route.source,
      because: mismatch ?? 'it matches, but the one chosen has precedence',
    });
  }
  const none = virtualHost.routes.length === 0 ? 'no route is attached for it' : 'no route for it matches';
  return found ?? { type: 'not-found', because: none };
}
