import { operatorsOf } from './access-log/format.ts';
import { OPERATORS } from './access-log/request-record.ts';
import type {
  AccessLog,
  Backend,
  ClientSettings,
  GatewayModel,
  HttpRoute,
  Listener,
  RouteSettings,
  Unsupported,
} from '../model/index.ts';

const WITHOUT = 'is not supported by the embedded data plane, which serves it without; use Envoy for it';

/** What a model asks for that the embedded data plane cannot do, in so many processes. */
export function unsupportedOf(model: GatewayModel, processes = 1): Unsupported[] {
  const listeners = model.gateways.flatMap((gateway) => gateway.listeners);
  const routes = listeners.flatMap(({ chains }) =>
    chains.flatMap(({ http }) => (http?.virtualHosts ?? []).flatMap((host) => host.routes)),
  );
  const requested = httpBackends(routes);
  return [
    ...listeners.flatMap((listener) => ofListener(listener, processes)),
    // one rule has as many routes as matches
    ...[...new Map(routes.map((route) => [route.settings, route])).values()].flatMap((route) => [
      ...ofRoute(route),
      ...ofCounts(route, processes),
    ]),
    ...[...model.backends.values()].flatMap((backend) => ofBackend(backend, requested.has(backend.name), processes)),
  ];
}

function ofListener({ settings, sources, chains, transport }: Listener, processes: number): Unsupported[] {
  if (settings === undefined) return [];
  const streams = chains.some(({ stream }) => stream !== undefined);
  const messages = clientFeatures(settings, streams).map((feature) => `${feature} ${WITHOUT}`);
  if (settings.connectionLimit !== undefined && transport === 'TCP')
    messages.push(...forEach(processes, 'limit of connections'));
  return messages.flatMap((message) => sources.map((source) => ({ source, message })));
}

/** What each process counts for itself, where there are several. */
function forEach(processes: number, limit: string): readonly string[] {
  if (processes === 1) return [];
  return [`A ${limit} holds for each of ${processes} processes; use --concurrency 1, or Envoy, for one of all`];
}

function logFeatures({ sink, format, matches }: AccessLog): string[] {
  if (sink.type !== 'File') return ['An access log at a service'];
  const unknown = operatorsOf(format).filter((name) => !OPERATORS.has(name));
  return [
    ...((matches?.length ?? 0) > 0 ? ['A condition of an access log'] : []),
    ...unknown.map((name) => `The operator %${name}% of an access log`),
  ];
}

function clientFeatures(settings: ClientSettings, streams: boolean): string[] {
  return [
    ...(settings.http3 === true ? ['HTTP/3'] : []),
    ...(settings.http1?.preserveHeaderCase === true ? ['Keeping the case of header names'] : []),
    ...(settings.maxConnectionDurationMs === undefined ? [] : ['A longest duration of connections']),
    ...new Set((settings.accessLogs ?? []).flatMap(logFeatures)),
    ...(streams && settings.accessLogs !== undefined ? ['An access log of connections'] : []),
    ...(settings.tracing === undefined ? [] : ['Tracing']),
  ];
}

function ofRoute({ settings, source }: HttpRoute): Unsupported[] {
  if (settings === undefined) return [];
  return routeFeatures(settings).map((feature) => ({ source, message: `${feature} ${WITHOUT}` }));
}

function ofCounts({ settings, source }: HttpRoute, processes: number): Unsupported[] {
  if ((settings?.localRateLimits ?? []).length === 0) return [];
  return forEach(processes, 'local rate limit').map((message) => ({ source, message }));
}

function routeFeatures({ compression }: RouteSettings): string[] {
  return compression?.includes('Zstd') === true ? ['Compression by Zstandard'] : [];
}

function ofBackend({ settings, source }: Backend, isHttp: boolean, processes: number): Unsupported[] {
  const features = [
    ...(settings?.maxConnectionDurationMs === undefined ? [] : ['A longest duration of connections']),
    ...(settings?.http2 === undefined ? [] : ['A setting of HTTP/2 to backends']),
    ...(settings?.bufferBytes === undefined ? [] : ['A size of buffers to backends']),
    // connections of HTTP are shared by clients
    ...(settings?.proxyProtocol === undefined || !isHttp ? [] : ['The PROXY protocol to backends of HTTP']),
  ];
  const messages = features.map((feature) => `${feature} ${WITHOUT}`);
  if (settings?.circuitBreaker !== undefined) messages.push(...forEach(processes, 'circuit breaker'));
  return messages.map((message) => ({ source, message }));
}

/** The names of backends that get requests, and not connections alone. */
function httpBackends(routes: readonly HttpRoute[]): ReadonlySet<string | undefined> {
  return new Set(
    routes.flatMap(({ action }) => (action.type === 'forward' ? action.backends.map(({ backend }) => backend) : [])),
  );
}
