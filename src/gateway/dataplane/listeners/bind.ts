import type { Server } from 'node:net';

/** Has a server listen at an address and port. It is rejected as `server.listen` fails. */
export type Bind = (server: Server, address: string, port: number) => Promise<void>;

/** Connections that may wait to be accepted. */
export const BACKLOG = 1024;

/** Binds it in this process. */
export async function bindHere(server: Server, address: string, port: number): Promise<void> {
  await listening(server, (done) =>
    server.listen({ host: address, port, exclusive: true, backlog: BACKLOG }, () => done()),
  );
}

/** Waits until what `start` does has an end. */
export async function listening(server: Server, start: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    start(() => {
      server.off('error', reject);
      resolve();
    });
  });
}
