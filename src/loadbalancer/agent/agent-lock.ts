import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

/** That this process is the only agent for a folder of pins, until it is closed or ends. */
export interface AgentLock {
  close(): void;
}

/**
 * Takes the lock. It is a socket that has a name and no file, of this network namespace: it goes with the process, however that ends.
 *
 * @throws Error another agent has it
 */
export async function lockPins(folder: string): Promise<AgentLock> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen(`\0nekube-lb ${resolve(folder)}`);
  try {
    await once(server, 'listening');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new Error(`Another agent of this node has ${folder}`, { cause });
  }
  return { close: () => void server.close() };
}
