import type {
  Backend,
  ClientSettings,
  GatewayModel,
  HttpRoute,
  Listener,
  RouteSettings,
  Unsupported,
} from '../model/index.ts';

const WITHOUT = 'is not supported by the embedded data plane, which serves it without; use Envoy for it';

/** What a model asks for that the embedded data plane cannot do. */
export function unsupportedOf(model: GatewayModel): Unsupported[] {
  const listeners = model.gateways.flatMap((gateway) => gateway.listeners);
  const routes = listeners.flatMap(({ chains }) =>
    chains.flatMap(({ http }) => (http?.virtualHosts ?? []).flatMap((host) => host.routes)),
  );
  return [
    ...listeners.flatMap(ofListener),
    // one rule has as many routes as matches
    ...[...new Map(routes.map((route) => [route.settings, route])).values()].flatMap(ofRoute),
    ...[...model.backends.values()].flatMap(ofBackend),
  ];
}

function ofListener({ settings, sources }: Listener): Unsupported[] {
  if (settings === undefined) return [];
  return clientFeatures(settings).flatMap((feature) =>
    sources.map((source) => ({ source, message: `${feature} ${WITHOUT}` })),
  );
}

function clientFeatures(settings: ClientSettings): string[] {
  return [
    ...(settings.http3 === true ? ['HTTP/3'] : []),
    ...(settings.http1?.preserveHeaderCase === true ? ['Keeping the case of header names'] : []),
    ...(settings.proxyProtocol === undefined ? [] : ['The PROXY protocol of clients']),
    ...(settings.maxConnectionDurationMs === undefined ? [] : ['A longest duration of connections']),
    ...((settings.accessLogs?.length ?? 0) > 0 ? ['An access log'] : []),
    ...(settings.tracing === undefined ? [] : ['Tracing']),
  ];
}

function ofRoute({ settings, source }: HttpRoute): Unsupported[] {
  if (settings === undefined) return [];
  const refused = 'is not supported by the embedded data plane, which answers 500; use Envoy for it';
  return [
    ...routeFeatures(settings).map((feature) => ({ source, message: `${feature} ${WITHOUT}` })),
    ...(settings.jwt === undefined ? [] : [{ source, message: `JWT authentication ${refused}` }]),
  ];
}

function routeFeatures({ globalRateLimits, compression }: RouteSettings): string[] {
  return [
    ...(globalRateLimits === undefined ? [] : ['A global rate limit']),
    ...((compression?.length ?? 0) > 0 ? ['Compression'] : []),
  ];
}

function ofBackend({ settings, source }: Backend): Unsupported[] {
  const features = [
    ...(settings?.slowStartMs === undefined ? [] : ['A slow start']),
    ...(settings?.healthCheck === undefined ? [] : ['An active health check']),
    ...(settings?.maxConnectionDurationMs === undefined ? [] : ['A longest duration of connections']),
    ...(settings?.proxyProtocol === undefined ? [] : ['The PROXY protocol to backends']),
  ];
  return features.map((feature) => ({ source, message: `${feature} ${WITHOUT}` }));
}
