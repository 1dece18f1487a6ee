import { type ResourceKey, typeUrl } from 'nekube/xds';
import type {
  Backend,
  ClientSettings,
  ExternalAuth,
  FilterChain,
  GatewayConfig,
  GatewayModel,
  HttpRoute,
  Mirror,
  RouteSettings,
  SecretName,
  Source,
  VirtualHost,
  WeightedBackend,
} from '../../model/index.ts';
import { bindingsOf } from '../resources/listener.ts';
import { memo } from '../resources/memo.ts';
import { validationSecret } from '../resources/tls/secrets.ts';

/** A resource that a gateway needs, those that Envoy asks for because of it, and whom to tell if it is refused. */
export interface Part {
  readonly key: ResourceKey;
  readonly sources: readonly Source[];
  readonly children: readonly Part[];
}

const LISTENER = typeUrl('envoy.config.listener.v3.Listener');
const ROUTES = typeUrl('envoy.config.route.v3.RouteConfiguration');
const CLUSTER = typeUrl('envoy.config.cluster.v3.Cluster');
const ENDPOINTS = typeUrl('envoy.config.endpoint.v3.ClusterLoadAssignment');
const SECRET = typeUrl('envoy.extensions.transport_sockets.tls.v3.Secret');

/** The resources of a gateway: it is served as the model says if Envoy has them all. */
export function partsOf(gateway: GatewayConfig, model: GatewayModel, anyAddress: string): readonly Part[] {
  const listeners = gateway.listeners.flatMap((listener) => {
    const children = listener.chains.flatMap(chainParts);
    const bindings = bindingsOf(listener, gateway, anyAddress);
    return bindings.map(({ name }): Part => ({ key: { type: LISTENER, name }, sources: listener.sources, children }));
  });
  const backends = [...backendsOf(gateway)].flatMap((name) => model.backends.get(name) ?? []);
  return [...listeners, ...backends.map(backendPart)];
}

function chainParts({ http, tls, source }: FilterChain): Part[] {
  const names = [
    ...(tls?.certificates ?? []).map((name) => [name]),
    ...(tls?.clientValidation ? [tls.clientValidation.ca] : []),
  ];
  return [
    ...(http ? [{ key: { type: ROUTES, name: http.name }, sources: [source], children: [] }] : []),
    ...names.filter((each) => each.length > 0).map((each) => secretPart(each, source)),
  ];
}

function secretPart(names: readonly SecretName[], source: Source): Part {
  return { key: { type: SECRET, name: validationSecret(names) }, sources: [source], children: [] };
}

const backendPart = memo(({ name, source, endpoints, tls }: Backend): Part => {
  const sources = [source];
  const children: Part[] = [
    ...(endpoints === undefined ? [] : [{ key: { type: ENDPOINTS, name: endpoints }, sources, children: [] }]),
    ...(tls?.clientCertificate ? [secretPart([tls.clientCertificate], source)] : []),
    ...(tls && tls.ca !== 'System' ? [secretPart(tls.ca, source)] : []),
  ];
  return { key: { type: CLUSTER, name }, sources, children };
});

/** The names of all backends that a gateway refers to. */
const backendsOf = memo(({ listeners }: GatewayConfig): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { chains, settings } of listeners) {
    for (const name of settings ? ofListenerSettings(settings) : []) names.add(name);
    for (const { http, stream } of chains) {
      for (const { backend } of stream?.backends ?? []) if (backend !== undefined) names.add(backend);
      for (const host of http?.virtualHosts ?? []) for (const name of backendsOfHost(host)) names.add(name);
    }
  }
  return names;
});

const backendsOfHost = memo(
  ({ routes, externalAuths }: VirtualHost): ReadonlySet<string> =>
    new Set([...(externalAuths ?? []).flatMap(ofAuth), ...routes.flatMap(ofRoute)]),
);

function ofRoute({ action, mirrors, externalAuth, settings }: HttpRoute): string[] {
  return [
    ...ofMirrors(mirrors),
    ...ofAuth(externalAuth),
    ...(settings ? ofRouteSettings(settings) : []),
    ...(action.type === 'forward' ? action.backends.flatMap(ofBackend) : []),
  ];
}

function ofBackend({ backend, filters }: WeightedBackend): string[] {
  return [
    ...(backend === undefined ? [] : [backend]),
    ...ofMirrors(filters?.mirrors),
    ...ofAuth(filters?.externalAuth),
  ];
}

function ofMirrors(mirrors: readonly Mirror[] = []): string[] {
  return mirrors.map(({ backend }) => backend);
}

function ofAuth(auth: ExternalAuth | undefined): string[] {
  return auth ? [auth.backend] : [];
}

function ofRouteSettings({ globalRateLimits, jwt }: RouteSettings): string[] {
  const keys = (jwt?.providers ?? []).flatMap((provider) =>
    provider.keys.type === 'Remote' ? [provider.keys.backend] : [],
  );
  return globalRateLimits ? [globalRateLimits.backend, ...keys] : keys;
}

function ofListenerSettings({ accessLogs, tracing }: ClientSettings): string[] {
  const logs = (accessLogs ?? []).flatMap(({ sink }) => ('backend' in sink ? [sink.backend] : []));
  return tracing ? [...logs, tracing.provider.backend] : logs;
}
