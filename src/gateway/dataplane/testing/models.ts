import type {
  Backend,
  Endpoints,
  FilterChain,
  Forward,
  GatewayModel,
  HttpMatch,
  HttpRoute,
  Listener,
  Secret,
  Source,
} from '../../model/index.ts';

/** What a test says of a model; the rest is as simple as it can be. */
export interface ModelParts {
  /** Of one virtual host, `*`. */
  readonly routes?: readonly HttpRoute[];
  /** Instead of one chain of plain HTTP with the routes. */
  readonly chains?: readonly FilterChain[];
  readonly transport?: Listener['transport'];
  readonly settings?: Listener['settings'];
  readonly address?: string;
  readonly port?: number;
  readonly backends?: readonly TestBackend[];
  readonly secrets?: readonly Secret[];
}

/** A backend with its endpoints: ports of this machine. */
export interface TestBackend extends Partial<Omit<Backend, 'name' | 'endpoints'>> {
  readonly name: string;
  readonly ports: readonly number[];
  readonly draining?: readonly number[];
}

/** Where tests say things come from. */
export const SOURCE: Source = { kind: 'HTTPRoute', namespace: 'default', name: 'shop' };

/** The name of the only listener. */
export const LISTENER = 'default/gateway/80';

/** A model of one gateway with one listener. */
export function modelOf(parts: ModelParts): GatewayModel {
  const backends = (parts.backends ?? []).map(backendOf);
  const chains = parts.chains ?? [plainChain(parts.routes ?? [])];
  const source: Source = { kind: 'Gateway', namespace: 'default', name: 'gateway' };
  const listener: Listener = {
    name: LISTENER,
    port: parts.port ?? 0,
    transport: parts.transport ?? 'TCP',
    sources: [{ ...source, sectionName: 'web' }],
    chains,
    ...(parts.settings && { settings: parts.settings }),
  };
  return {
    gateways: [{ key: 'default/gateway', source, addresses: [parts.address ?? '127.0.0.1'], listeners: [listener] }],
    backends: new Map(backends.map((one) => [one.name, one])),
    endpoints: new Map((parts.backends ?? []).map((one) => [one.name, endpointsOf(one)])),
    secrets: new Map((parts.secrets ?? []).map((one) => [one.name, one])),
  };
}

/** A chain of plain HTTP. */
export function plainChain(routes: readonly HttpRoute[], domains: readonly string[] = ['*']): FilterChain {
  const virtualHosts = [{ name: 'host', domains, source: SOURCE, routes }];
  return { name: 'plain', source: SOURCE, http: { name: 'plain', virtualHosts } };
}

/** The endpoints of a backend. */
export function endpointsOf({ name, ports, draining = [] }: TestBackend): Endpoints {
  const endpoint = (state: 'ready' | 'draining') => (port: number) => ({ address: '127.0.0.1', port, state });
  return { name, endpoints: [...ports.map(endpoint('ready')), ...draining.map(endpoint('draining'))] };
}

/** A route to a backend, by default of everything. */
export function routeTo(backend: string, parts: RouteParts = {}): HttpRoute {
  return routeOf(parts, forwardTo(backend, parts.forward));
}

/** What a test says of a route. */
export interface RouteParts extends Partial<Omit<HttpRoute, 'match' | 'action'>> {
  readonly prefix?: string;
  readonly match?: Partial<HttpMatch>;
  readonly forward?: Partial<Forward>;
}

/** A route with an action. */
export function routeOf({ prefix, match, forward: _, ...parts }: RouteParts, action: HttpRoute['action']): HttpRoute {
  const path = { type: 'PathPrefix' as const, value: prefix ?? '/' };
  const name = parts.name ?? `route ${prefix ?? '/'}`;
  return { source: SOURCE, ...parts, name, action, match: { path, headers: [], queryParams: [], ...match } };
}

/** A forward to one backend. */
export function forwardTo(backend: string, parts: Partial<Forward> = {}): Forward {
  return { type: 'forward', backends: [{ weight: 1, backend, source: SOURCE }], ...parts };
}

function backendOf({ ports: _, draining: __, ...parts }: TestBackend): Backend {
  return { source: SOURCE, protocol: 'HTTP', endpoints: parts.name, ...parts };
}
