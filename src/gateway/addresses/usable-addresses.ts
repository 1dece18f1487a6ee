import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** Whether this machine can listen on an address: it is asked by binding a socket to it, which is what counts. */
export function canListenOn(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const answer = (usable: boolean): unknown => socket.close(() => resolve(usable));
    socket.once('error', () => answer(false));
    // a name would be looked up elsewhere
    socket.bind({ address, port: 0, exclusive: true }, () => answer(true));
  });
}
