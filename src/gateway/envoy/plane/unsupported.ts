import type { GatewayModel, HttpRoute, Unsupported, VirtualHost } from '../../model/index.ts';
import { memo } from '../resources/memo.ts';
import { heldByInitialRoute } from '../resources/http/idle-filters.ts';

/** What a model asks for that Envoy cannot do. */
export function unsupportedOf({ gateways, backends }: GatewayModel): readonly Unsupported[] {
  const hosts = gateways.flatMap(({ listeners }) =>
    listeners.flatMap(({ chains }) => chains.flatMap(({ http }) => http?.virtualHosts ?? [])),
  );
  return [...hosts.flatMap(ofHost), ...ofBackends(backends)];
}

/** Each policy once, for all backends that it is about. */
const ofBackends = memo((backends: GatewayModel['backends']): readonly Unsupported[] => {
  const sources = [...backends.values()].flatMap(({ settings }) => settings?.retryBudget?.source ?? []);
  const distinct = new Map(sources.map((source) => [`${source.namespace}/${source.name}`, source]));
  return [...distinct.values()].map((source) => ({ source, message: BUDGET }));
});

const BUDGET =
  'Envoy counts the retries of retryConstraint among requests that are open at once, not among those of an interval, and where there ' +
  'may be no more of them the answer is that of the last attempt, not 503';

/** What does not go together with a listener that asks before a route is chosen. */
function ofHost({ externalAuths, routes }: VirtualHost): Unsupported[] {
  if (externalAuths === undefined) return [];
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
