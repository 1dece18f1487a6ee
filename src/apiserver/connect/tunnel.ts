import {
  joinConnections,
  TUNNEL_PREFIX,
  webSocketProtocols,
  WebSocketTunnel,
  handshakeProblem,
  refuseHandshake,
  writeHandshake,
} from 'nekube/streaming';
import type { RequestContext } from '../context.ts';
import { type Backend, forwardedHeaders } from './backend.ts';
import { askUpgrade, forwardRefusal, held, takeConnection } from './upgrade.ts';

/** Whether a client wants to speak SPDY through a WebSocket. */
export function wantsTunnel(context: RequestContext): boolean {
  return tunnelled(context).length > 0;
}

/**
 * Connects a client that speaks SPDY through a WebSocket with a kubelet that takes SPDY alone.
 *
 * @throws StatusError if the kubelet cannot be reached
 */
export async function tunnel(context: RequestContext, backend: Backend): Promise<void> {
  const headers = forwardedHeaders(context.request, { upgrade: true });
  for (const name of Object.keys(headers)) if (name.startsWith('sec-websocket-')) delete headers[name];
  const answer = await askUpgrade(context, backend, {
    method: 'POST',
    headers: {
      ...headers,
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'content-length': '0',
      'x-stream-protocol-version': tunnelled(context),
    },
  });
  if (!answer.upgraded) return forwardRefusal(context, answer.response);
  const problem = handshakeProblem(context.request);
  const client = takeConnection(context);
  if (problem !== undefined) {
    answer.socket.destroy();
    return refuseHandshake(client, problem);
  }
  const chosen = answer.response.headers['x-stream-protocol-version'];
  writeHandshake(client, context.request, chosen === undefined ? '' : `${TUNNEL_PREFIX}${String(chosen)}`);
  const through = new WebSocketTunnel(client);
  if (answer.head.length > 0) through.write(answer.head);
  await held(context, joinConnections(through, answer.socket), () => answer.socket.destroy());
}

function tunnelled({ request }: RequestContext): string[] {
  return webSocketProtocols(request)
    .filter((protocol) => protocol.startsWith(TUNNEL_PREFIX) && protocol.endsWith('.k8s.io'))
    .map((protocol) => protocol.slice(TUNNEL_PREFIX.length));
}
