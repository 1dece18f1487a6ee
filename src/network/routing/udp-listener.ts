import { createSocket, type Socket } from 'node:dgram';
import type { Clock } from 'nekube/client';
import type { Endpoint } from '../pod-network.ts';
import type { Listener, ListenerParts } from './tcp-listener.ts';

/** A client's exchange with an endpoint. */
interface Exchange {
  readonly socket: Socket;
  readonly endpoint: Endpoint;
  cancel: () => void;
}

/** How a listener of UDP goes on with exchanges. */
export interface UdpListenerParts extends ListenerParts {
  readonly clock: Clock;
  /** Whether an endpoint is still one; an exchange with one that is not begins anew elsewhere. */
  readonly isCurrent: (endpoint: Endpoint) => boolean;
}

/** As long as the kernel remembers an exchange of UDP that goes both ways. */
const IDLE_MS = 120_000;
/** A flood of clients takes no more sockets than these. */
const MOST_EXCHANGES = 2048;

/** Takes datagrams on an address, and passes those of a client to one endpoint for as long as it sends. @throws if it cannot listen */
export async function listenUdp({ host, port }: Endpoint, parts: UdpListenerParts): Promise<Listener> {
  const front = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const exchanges = new Map<string, Exchange>();
  await bound(front, host, port);
  front.on('error', parts.onError);
  front.on('message', (message, { address, port: from }) => {
    const key = `${address} ${from}`;
    let exchange = exchanges.get(key);
    if (exchange !== undefined && !parts.isCurrent(exchange.endpoint)) {
      end(exchanges, key);
      exchange = undefined;
    }
    exchange ??= begin({ host: address, port: from }, { ...parts, front, exchanges, key });
    if (exchange === undefined) return;
    exchange.cancel();
    exchange.cancel = parts.clock.after(IDLE_MS, () => end(exchanges, key));
    exchange.socket.send(message, exchange.endpoint.port, exchange.endpoint.host, (error) => {
      if (error) end(exchanges, key);
    });
  });
  const close = async (): Promise<void> => {
    for (const key of [...exchanges.keys()]) end(exchanges, key);
    await new Promise<void>((resolve) => front.close(() => resolve()));
  };
  return { close, destroy: close };
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      socket.close(() => reject(error));
    };
    socket.once('error', failed);
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', failed);
      resolve();
    });
  });
}

function begin(
  client: Endpoint,
  parts: UdpListenerParts & { readonly front: Socket; readonly exchanges: Map<string, Exchange>; readonly key: string },
): Exchange | undefined {
  const { front, exchanges, key, choose } = parts;
  const endpoint = choose(client.host, []);
  if (endpoint === undefined) return undefined;
  if (exchanges.size >= MOST_EXCHANGES) end(exchanges, exchanges.keys().next().value!);
  const socket = createSocket(endpoint.host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (answer, from) => {
    // nobody else may answer in the endpoint's name
    if (from.port === endpoint.port && from.address === endpoint.host) front.send(answer, client.port, client.host);
  });
  socket.on('error', () => end(exchanges, key));
  const exchange: Exchange = { socket, endpoint, cancel: () => undefined };
  exchanges.set(key, exchange);
  return exchange;
}

function end(exchanges: Map<string, Exchange>, key: string): void {
  const exchange = exchanges.get(key);
  if (exchange === undefined) return;
  exchanges.delete(key);
  exchange.cancel();
  exchange.socket.close();
}
