import type { Socket } from 'node:net';
import { whenLate } from '../http/when-late.ts';

/** Calls back with what a connection says first, as soon as `decide` knows by it; the bytes stay in the socket, which is paused. */
export function peek<T>(
  socket: Socket,
  timeoutMs: number,
  decide: (bytes: Buffer) => T | undefined,
  decided: (decision: T) => void,
): void {
  let bytes: Buffer = Buffer.alloc(0);
  const cancel = whenLate(timeoutMs, () => socket.destroy());
  const stop = (): void => {
    cancel();
    socket.off('data', onData);
    socket.off('close', stop);
    socket.off('end', onEnd);
  };
  const onEnd = (): void => void socket.destroy();
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const decision = decide(bytes);
    if (decision === undefined) return;
    stop();
    socket.pause();
    socket.unshift(bytes);
    decided(decision);
  };
  socket.on('data', onData);
  socket.once('close', stop);
  socket.once('end', onEnd);
  socket.resume();
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Which HTTP the first bytes of a connection are of; undefined: they may be of both. */
export function httpVersionOf(bytes: Buffer): 'HTTP/1' | 'HTTP/2' | undefined {
  const { length } = bytes;
  if (length >= PREFACE.length) return bytes.subarray(0, PREFACE.length).equals(PREFACE) ? 'HTTP/2' : 'HTTP/1';
  return PREFACE.subarray(0, length).equals(bytes) ? undefined : 'HTTP/1';
}
