import type { Socket } from 'node:net';

/** Joins two connections: what comes by one goes out by the other, and when one is closed or fails, both are. */
export function joinSockets(first: Socket, second: Socket): void {
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    one.pipe(other);
    one.on('error', () => other.destroy());
    // what was read is still written
    one.once('close', () => other.destroySoon());
  }
}
