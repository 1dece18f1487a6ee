import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Endpoint } from '../pod-network.ts';

/** What a listener asks of whom it listens for. */
export interface ListenerParts {
  /** Where a client's connection goes, and a further one if that does not take it; none: it is refused. */
  readonly choose: (client: string, tried: readonly Endpoint[]) => Endpoint | undefined;
  readonly onError: (error: Error) => void;
}

/** Something that listens on an address. */
export interface Listener {
  /** No new connections; those that there are go on, until `destroy`. */
  close(): Promise<void>;
  /** All connections end, too. */
  destroy(): Promise<void>;
}

/** How often a connection tries endpoints that do not take it. */
const MOST_TRIES = 3;

/** Takes TCP connections on an address and joins each with one of an endpoint. @throws if it cannot listen */
export async function listenTcp({ host, port }: Endpoint, parts: ListenerParts): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  server.on('connection', (client) => {
    remember(sockets, client);
    client.on('error', () => client.destroy());
    reach(client, [], { ...parts, sockets });
  });
  await listening(server, host, port);
  server.on('error', parts.onError);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      // resolves now: connections that go on are not waited for
      server.close();
      resolve();
    });
  return {
    close,
    destroy: async () => {
      await close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function remember(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

/** Tries one endpoint after another; the client sees a connection that is reset where none takes it. */
function reach(
  client: Socket,
  tried: readonly Endpoint[],
  parts: ListenerParts & { readonly sockets: Set<Socket> },
): void {
  const endpoint = parts.choose(client.remoteAddress ?? '', tried);
  if (endpoint === undefined || tried.length === MOST_TRIES) {
    client.resetAndDestroy();
    return;
  }
  const backend = connect({ ...endpoint, allowHalfOpen: true, noDelay: true });
  remember(parts.sockets, backend);
  const failed = (): void => {
    backend.destroy();
    if (!client.destroyed) reach(client, [...tried, endpoint], parts);
  };
  const abandoned = (): void => void backend.destroy();
  client.once('close', abandoned);
  backend.once('error', failed);
  backend.once('connect', () => {
    backend.off('error', failed);
    client.off('close', abandoned);
    joinSockets(client, backend);
  });
}

/** Each side's end is the other's end; if one breaks, so does the other. */
export function joinSockets(client: Socket, backend: Socket): void {
  for (const [from, to] of [
    [client, backend],
    [backend, client],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.resetAndDestroy());
    from.on('close', (hadError) => {
      if (hadError) to.resetAndDestroy();
      else if (!from.readableEnded) to.destroy();
    });
  }
}
