import { createServer } from 'node:net';

/** A port that this process said it is going to use. */
export interface PortClaim {
  /** Lets others have it. */
  release(): void;
}

const GRANTED: PortClaim = { release() {} };

/**
 * Claims a port for a process that will listen on it later, and that may be another one: until it listens, nothing else
 * tells the next who looks for a port that this one is spoken for.
 *
 * Where there are abstract sockets, on Linux, the kernel keeps the claim: for all users of this network namespace, and no
 * longer than this process lives. Elsewhere every claim is granted.
 *
 * @returns nothing if another has it, of this process or of another
 */
export function claimPort(port: number): Promise<PortClaim | undefined> {
  if (process.platform !== 'linux') return Promise.resolve(GRANTED);
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE' ? undefined : GRANTED));
    server.listen({ path: `\0nekube/port/${port}`, exclusive: true }, () => resolve({ release: () => server.close() }));
  });
}
