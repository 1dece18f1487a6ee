import type { Backend, GatewayModel, HttpRoute, Listener, Unsupported, VirtualHost } from '../../model/index.ts';
import { authorityOf } from '../resources/http/headers.ts';
import { memo } from '../resources/memo.ts';
import { canCheck } from '../resources/upstream/health.ts';
import { heldByInitialRoute } from '../resources/http/idle-filters.ts';

/** What a model asks for that Envoy cannot do. */
export function unsupportedOf({ gateways, backends }: GatewayModel): readonly Unsupported[] {
  const listeners = gateways.flatMap((gateway) => gateway.listeners);
  return [...listeners.flatMap(ofListener), ...listeners.flatMap(ofHosts), ...ofBackends(backends)];
}

/** Of thousands of hosts there is mostly nothing to say. */
const ofHosts = memo(({ chains }: Listener): readonly Unsupported[] => {
  const found: Unsupported[] = [];
  for (const { http } of chains) for (const host of http?.virtualHosts ?? []) found.push(...ofHost(host));
  return found;
});

function ofListener({ settings, sources }: Listener): Unsupported[] {
  if (authorityOf(settings?.requestHeaders) === undefined) return [];
  const message =
    'the Host of requests is not changed before a route is chosen: let a filter or BackendPolicy of the route do it';
  return sources.map((source) => ({ source, message }));
}

/** Each policy once, for all backends that it is about. */
const ofBackends = memo((backends: GatewayModel['backends']): readonly Unsupported[] => {
  const sources = [...backends.values()].flatMap(({ settings }) => settings?.retryBudget?.source ?? []);
  const distinct = new Map(sources.map((source) => [`${source.namespace}/${source.name}`, source]));
  const budgets = [...distinct.values()].map((source) => ({ source, message: BUDGET }));
  return [...budgets, ...[...backends.values()].flatMap(ofHealthCheck)];
});

function ofHealthCheck(backend: Backend): Unsupported[] {
  if (canCheck(backend)) return [];
  const { source, settings, protocol } = backend;
  const where = `${source.kind} ${source.namespace}/${source.name}`;
  const todo = 'give its port the appProtocol kubernetes.io/h2c, or check it by http or tcp';
  const message = `${where} is not checked: gRPC needs HTTP/2, and ${protocol} is spoken to it: ${todo}`;
  return [{ source: settings?.healthCheck?.source ?? source, message }];
}

const BUDGET =
  'Envoy counts the retries of retryConstraint among requests that are open at once, not among those of an interval, and where there ' +
  'may be no more of them the answer is that of the last attempt, not 503';

const NOTHING: readonly Unsupported[] = [];

/** What does not go together with a listener that asks before a route is chosen. */
function ofHost({ externalAuths, routes }: VirtualHost): readonly Unsupported[] {
  if (externalAuths === undefined) return NOTHING;
  return routes.flatMap((route) => messagesOf(route).map((message) => ({ source: route.source, message })));
}

function messagesOf(route: HttpRoute): string[] {
  const where = 'by Envoy where the listener has filters.requests';
  const closed = heldByInitialRoute(route).map(
    (setting) =>
      `${setting} is not supported ${where}, and such requests are answered with 500: ` +
      'let the service of the listener check who it is',
  );
  if (route.settings?.maxRequestBodyBytes === undefined) return closed;
  return [...closed, `maxRequestBodyBytes does not count ${where} for bodies that are there when its service answers`];
}
