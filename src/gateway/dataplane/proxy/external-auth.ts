import { isOfConnection } from '../../model/http-words.ts';
import type { ExternalAuth } from '../../model/index.ts';
import type { HeaderList } from '../http/header-list.ts';
import type { RequestMessage } from '../http/message.ts';
import type { Cluster } from '../upstream/cluster.ts';
import { type Asked, ask } from './ask.ts';
import { decodeCheckResponse, encodeCheckRequest, type AuthVerdict } from './auth-message.ts';
import type { Incoming } from './incoming.ts';
import type { Exchange } from './exchange.ts';
import { callGrpc, grpcHead } from './grpc-call.ts';

const CHECK = '/envoy.service.auth.v3.Authorization/Check';
/** As long as Envoy waits for a service of authorization, at most. */
const TIMEOUT_MS = 10_000;
/** What is about the answer itself, and says nothing to a backend. */
const NOT_COPIED = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'date',
  'server',
  'grpc-status',
]);

type Allowed = AuthVerdict & { readonly allowed: true };

/**
 * Asks several before a request has a route, one after the other; what they add a route is chosen by. The host stays as it came.
 *
 * @param allowed gets the request as they have left it
 */
export function askBeforeRoute(
  exchange: Exchange,
  [first, ...others]: readonly ExternalAuth[],
  incoming: Incoming,
  allowed: (incoming: Incoming) => void,
): void {
  if (first === undefined) return allowed(incoming);
  askOne(exchange, first, incoming, (verdict) => {
    const path = changeHeaders(incoming, verdict);
    const next = path === undefined ? incoming : { ...incoming, ...splitTarget(path) };
    askBeforeRoute(exchange, others, next, allowed);
  });
}

/** Asks a service whether a request may go on. Who cannot be asked does not allow it. */
export function askExternalAuth(exchange: Exchange, auth: ExternalAuth, incoming: Incoming, allowed: () => void): void {
  askOne(exchange, auth, incoming, (verdict) => {
    changeHeaders(incoming, verdict);
    allowed();
  });
}

/** Does to the headers what a service says, but for the host, and what is none; returns what it says of the path. */
function changeHeaders({ headers }: Incoming, verdict: Allowed): string | undefined {
  for (const name of verdict.remove) if (mayChange(name)) headers.delete(name);
  for (const [name, value] of verdict.headers) if (mayChange(name)) headers.set(name, value);
  return verdict.headers.find(([name, value]) => name === ':path' && value.startsWith('/'))?.[1];
}

function mayChange(name: string): boolean {
  return !name.startsWith(':') && name.toLowerCase() !== 'host' && !isOfConnection(name);
}

function splitTarget(target: string): Pick<Incoming, 'path' | 'query'> {
  const [path = '', ...query] = target.split('?');
  return { path, query: query.join('?') };
}

function askOne(exchange: Exchange, auth: ExternalAuth, incoming: Incoming, allowed: (verdict: Allowed) => void): void {
  const wanted = auth.forwardBodyBytes ?? 0;
  const go = (body: Buffer): void => exchange.guarded(() => askWith(exchange, auth, incoming, body, allowed));
  if (wanted > 0 && !exchange.body.empty) exchange.body.collect(wanted, go);
  else go(Buffer.alloc(0));
}

function askWith(
  exchange: Exchange,
  auth: ExternalAuth,
  incoming: Incoming,
  body: Buffer,
  allowed: (verdict: Allowed) => void,
): void {
  const cluster = exchange.plane.clusters.get(auth.backend);
  if (cluster === undefined) {
    exchange.reply({ status: 403 });
    return;
  }
  const decided = (verdict: AuthVerdict): void =>
    exchange.guarded(() => {
      if (verdict.allowed) allowed(verdict);
      else exchange.reply({ status: finalOf(verdict.status), body: verdict.body, headers: verdict.headers.flat() });
    });
  exchange.onOver(
    auth.protocol === 'GRPC'
      ? askByGrpc(cluster, auth, incoming, body, decided)
      : ask(cluster, httpMessage(auth, incoming, body.length), body, TIMEOUT_MS, (asked) =>
          decided(httpVerdict(auth, asked)),
        ),
  );
}

/** The status of a denial: what cannot stand at the head of a whole answer says no more than that it is one. */
function finalOf(status: number): number {
  return status >= 200 && status <= 599 ? status : 403;
}

function askByGrpc(
  cluster: Cluster,
  auth: ExternalAuth,
  incoming: Incoming,
  body: Buffer,
  decided: (verdict: AuthVerdict) => void,
): () => void {
  const head = grpcHead(incoming.authority, CHECK);
  const message = encodeCheckRequest(seenOf(auth, incoming), body);
  return callGrpc(cluster, head, message, TIMEOUT_MS, (answer) =>
    decided((answer && decodeCheckResponse(answer)) ?? DENIED),
  );
}

/** What the service sees of the headers. */
function seenOf({ allowedHeaders, protocol }: ExternalAuth, incoming: Incoming): Incoming {
  if (allowedHeaders === undefined && protocol === 'GRPC') return incoming;
  const names = new Set(['authorization', ...(allowedHeaders ?? []).map((name) => name.toLowerCase())]);
  const headers = incoming.headers.clone();
  headers.filter((name) => names.has(name));
  return { ...incoming, headers };
}

function httpMessage(auth: ExternalAuth, incoming: Incoming, length: number): RequestMessage {
  const { headers } = seenOf(auth, incoming);
  headers.set('content-length', String(length));
  const query = incoming.query === '' ? '' : `?${incoming.query}`;
  const prefix = auth.path?.replace(/\/$/, '') ?? '';
  return { method: incoming.method, authority: incoming.authority, path: `${prefix}${incoming.path}${query}`, headers };
}

function httpVerdict({ allowedResponseHeaders }: ExternalAuth, asked: Asked | undefined): AuthVerdict {
  if (asked === undefined) return DENIED;
  const names = allowedResponseHeaders?.map((name) => name.toLowerCase()) ?? [];
  const headers = pairs(asked.headers).filter(
    ([name]) => !NOT_COPIED.has(name) && (asked.status !== 200 || names.length === 0 || names.includes(name)),
  );
  if (asked.status === 200) return { allowed: true, headers, remove: [] };
  const type = asked.headers.first('content-type');
  const typed = type === undefined ? headers : [...headers, ['content-type', type] as const];
  // a service that fails is none that denies
  const status = asked.status >= 500 ? 403 : asked.status;
  return { allowed: false, status, body: asked.body.toString('utf8'), headers: typed };
}

const DENIED: AuthVerdict = { allowed: false, status: 403, body: '', headers: [] };

function pairs({ flat }: HeaderList): (readonly [string, string])[] {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as const] : []));
}
