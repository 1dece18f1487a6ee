import { connect, createServer, type Server } from 'node:net';
import { joinSockets } from './join-sockets.ts';

/** A port and the end of its line: what each connection into a network begins with. */
const LENGTH = 6;

/** What a connection to a port begins with. */
export function portLine(port: number): string {
  return `${String(port).padStart(LENGTH - 1, '0')}\n`;
}

/** Takes connections for ports of this network, each of which says first for which one; one that does not is closed. */
export function inwardServer(host: string): Server {
  return createServer((socket) => {
    const begin = (): void => {
      const line = socket.read(LENGTH) as Buffer | null;
      if (line === null) return;
      socket.off('readable', begin);
      const port = Number(line.toString());
      if (port > 0 && port < 65_536) joinSockets(socket, connect(port, host));
      else socket.destroy();
    };
    socket.on('readable', begin).on('error', () => socket.destroy());
  });
}
