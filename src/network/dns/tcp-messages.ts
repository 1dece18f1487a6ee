import type { Socket } from 'node:net';

/** Calls for each message that comes by TCP, before which its length stands. */
export function takeMessages(socket: Socket, take: (message: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE(0);
      if (rest.length < end) return;
      take(rest.subarray(2, end));
      rest = rest.subarray(end);
    }
  });
}

/** A message as it is sent by TCP. */
export function withLength(message: Buffer): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(message.length);
  return Buffer.concat([head, message]);
}
