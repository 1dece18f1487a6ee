import type { Duplex } from 'node:stream';

/** Carries the bytes of two connections to each other until one of them ends, and ends both. */
export function joinConnections(a: Duplex, b: Duplex): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      a.unpipe(b);
      b.unpipe(a);
      a.destroy();
      b.destroy();
      resolve();
    };
    // what was read before the end is still written
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      from.once('error', end);
      from.once('close', () => from.readableEnded || end());
      from.once('end', () => to.end(end));
      from.pipe(to, { end: false });
    }
  });
}
