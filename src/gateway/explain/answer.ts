import { hasPathPrefix, type RequestHead } from '../matching/index.ts';
import type {
  Forward,
  GatewayModel,
  HttpRoute,
  Redirect,
  Rewrite,
  StreamForward,
  WeightedBackend,
} from '../model/index.ts';
import type { Answer, Target } from './explanation.ts';

/** What a route that was chosen does with a request. */
export function answerOfRoute(model: GatewayModel, route: HttpRoute, request: RequestHead): Answer {
  const { action } = route;
  if (action.type === 'direct') return { type: 'direct', route, action };
  if (action.type === 'redirect')
    return { type: 'redirect', route, action, location: locationOf(action, route, request) };
  return { type: 'forward', route, action, targets: forwardTargets(model, action, route) };
}

/** Where a redirect sends the client. */
export function locationOf(
  redirect: Redirect,
  route: HttpRoute,
  request: Pick<RequestHead, 'scheme' | 'host' | 'path' | 'query'>,
): string {
  const scheme = redirect.scheme ?? request.scheme;
  const standard = scheme === 'https' ? 443 : 80;
  // one that is not told is the standard one: that of the listener is in the model
  const port = redirect.port ?? standard;
  const authority = `${redirect.hostname ?? request.host}${port === standard ? '' : `:${port}`}`;
  const path = rewrittenPath(redirect.path, route, request.path);
  return `${scheme}://${authority}${path}${request.query === '' ? '' : `?${request.query}`}`;
}

/** The path that a backend is asked for, or a client is sent to. */
export function rewrittenPath(path: Rewrite['path'], { match }: HttpRoute, actual: string): string {
  if (path === undefined) return actual;
  if (path.type === 'ReplaceFullPath') return path.value;
  const prefix = match.path.type === 'PathPrefix' && hasPathPrefix(actual, match.path.value) ? match.path.value : '/';
  const rest = actual.slice(prefix === '/' ? 0 : prefix.length);
  const joined = `${path.value.replace(/\/$/, '')}${rest.startsWith('/') || rest === '' ? rest : `/${rest}`}`;
  return joined === '' ? '/' : joined;
}

function forwardTargets(model: GatewayModel, { backends }: Forward, { match }: HttpRoute): readonly Target[] {
  const invalid = match.grpc === true ? 'gRPC status UNAVAILABLE' : '500';
  return targets(model, backends, { invalid, empty: '503' });
}

/** The backends of a connection. */
export function streamTargets(model: GatewayModel, { backends }: StreamForward): readonly Target[] {
  return targets(model, backends, { invalid: 'closed', empty: 'closed' });
}

function targets(
  model: GatewayModel,
  backends: readonly WeightedBackend[],
  words: { readonly invalid: string; readonly empty: string },
): readonly Target[] {
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  return backends.map((one) => {
    const backend = one.backend === undefined ? undefined : model.backends.get(one.backend);
    const endpoints =
      (backend?.endpoints === undefined ? undefined : model.endpoints.get(backend.endpoints)?.endpoints) ?? [];
    const share = total === 0 ? 0 : one.weight / total;
    const base = { share, source: one.source, endpoints };
    if (backend === undefined)
      return { ...base, instead: `${words.invalid}: ${one.invalid ?? 'there is no such backend'}` };
    const isEmpty = backend.hostname === undefined && endpoints.length === 0;
    return {
      ...base,
      backend: backend.name,
      ...(isEmpty ? { instead: `${words.empty}: it has no endpoint that is ready` } : {}),
    };
  });
}
