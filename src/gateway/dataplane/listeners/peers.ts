import type { Socket } from 'node:net';
import { whenLate } from '../http/when-late.ts';
import { plainAddress } from './plain-address.ts';
import { type ProxiedAddresses, readProxyHeader } from './proxy-header.ts';

/** What proxies said of connections that there are, by both of their ends: TLS on a connection has the same. */
const told = new Map<string, ProxiedAddresses>();

/** Who a connection is from: by the proxy before us where it has said it, else who has opened it. */
export function addressesOf(socket: Socket): ProxiedAddresses {
  const said = told.size === 0 ? undefined : told.get(endsOf(socket));
  if (said !== undefined) return said;
  return {
    source: { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 },
    destination: { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 },
  };
}

/** The address of who a connection is from. */
export function peerOf(socket: Socket): string {
  return told.size === 0 ? plainAddress(socket.remoteAddress ?? '') : addressesOf(socket).source.address;
}

/**
 * Takes the PROXY header off a connection before anything else sees it. A connection that has none where it must, or a wrong
 * one, or does not come to its end in time, ends.
 */
export function takeProxyHeader(socket: Socket, required: boolean, timeoutMs: number, taken: () => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const cancel = whenLate(timeoutMs, () => socket.destroy());
  const stop = (): void => {
    cancel();
    socket.off('data', onData);
    socket.off('end', onEnd);
    socket.off('close', stop);
  };
  const onEnd = (): void => void socket.destroy();
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const header = readProxyHeader(bytes);
    if (header.type === 'more') return;
    stop();
    socket.pause();
    if (header.type === 'bad' || (header.type === 'none' && required)) {
      socket.destroy();
      return;
    }
    const rest = header.type === 'header' ? bytes.subarray(header.bytes) : bytes;
    if (rest.length > 0) socket.unshift(rest);
    if (header.type === 'header' && header.addresses !== undefined) remember(socket, header.addresses);
    taken();
  };
  socket.on('data', onData);
  socket.once('end', onEnd);
  socket.once('close', stop);
  socket.resume();
}

function remember(socket: Socket, addresses: ProxiedAddresses): void {
  const ends = endsOf(socket);
  told.set(ends, addresses);
  socket.once('close', () => told.delete(ends));
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
