import type { Socket } from 'node:net';
import type { RawConnection } from './message.ts';
import type { Expiring, Sweeper } from './sweeper.ts';

/** A socket as bytes alone; `rest` was read of it already. */
export function rawConnection(socket: Socket, rest: Buffer): RawConnection {
  return {
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    write: (chunk) => socket.write(chunk),
    end: () => void socket.end(),
    close: () => void socket.destroySoon(),
    destroy: () => void socket.destroy(),
    listen: (listener) => {
      socket.on('data', (chunk: Buffer) => listener.data(chunk));
      socket.on('drain', () => listener.drain());
      socket.on('end', () => listener.end());
      socket.on('error', () => socket.destroy());
      socket.on('close', () => listener.close());
      if (rest.length > 0) listener.data(rest);
      if (socket.destroyed) listener.close();
      else socket.resume();
    },
  };
}

/** Joins two connections: what one says goes to the other, no faster than that takes it, until both are silent for too long. */
export function joinRaw(a: RawConnection, b: RawConnection, sweeper: Sweeper, idleMs: number): void {
  const idle: Expiring = {
    deadline: sweeper.now + idleMs,
    expire: () => {
      a.destroy();
      b.destroy();
    },
  };
  const touch = (): void => {
    idle.deadline = sweeper.now + idleMs;
  };
  let open = 2;
  const closed = (): void => {
    if (--open === 0) sweeper.delete(idle);
  };
  sweeper.add(idle);
  forward(a, b, touch, closed);
  forward(b, a, touch, closed);
}

function forward(from: RawConnection, to: RawConnection, touch: () => void, onClose: () => void): void {
  from.listen({
    data: (chunk) => {
      touch();
      if (!to.write(chunk)) from.pause();
    },
    drain: () => to.resume(),
    end: () => to.end(),
    close: () => {
      // what the other side says now nobody would read; what it was told must still get out
      to.close();
      onClose();
    },
  });
}
