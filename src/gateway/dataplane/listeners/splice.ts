import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** What is read of all sockets before it is copied: one is read after the other, and what was read is taken at once. */
const SHARED = Buffer.allocUnsafeSlow(65_536);

/** What sockets have that Node gives no name to; where it is missing the usual way is gone. */
interface Handled {
  _handle: object | null | undefined;
  readonly _readableState: { readonly ended: boolean };
}

/** Takes what a socket says. @returns whether there may be more at once */
type Taker = (chunk: Buffer) => boolean;

/**
 * An end of a connection that is passed on. It is read without a stream: into a buffer that all share, of which each piece is
 * copied once and written. That is a third of what streams cost, and as much as the kernel's own part.
 */
export class SpliceEnd {
  /** What is read with `onread` of `node:net`; until somebody takes it, the connection is held back. */
  readonly onread = {
    buffer: SHARED,
    callback: (length: number, buffer: Uint8Array): boolean => this.#said(copyOf(buffer, length)),
  };
  #early: Buffer[] | undefined;
  #taker: Taker | undefined;

  /** Gives what is said from now on, and what was said before. */
  takenBy(taker: Taker): boolean {
    this.#taker = taker;
    const early = this.#early ?? [];
    this.#early = undefined;
    let goesOn = true;
    for (const chunk of early) goesOn = taker(chunk) && goesOn;
    return goesOn;
  }

  #said(chunk: Buffer): boolean {
    if (this.#taker !== undefined) return this.#taker(chunk);
    (this.#early ??= []).push(chunk);
    return false;
  }
}

/** Has what one says go to the other, no faster than that takes it; each may end its side first. `touch` hears of every piece. */
export function splice(client: Socket, upstream: Socket, upstreamEnd: SpliceEnd | undefined, touch: () => void): void {
  const clientEnd = new SpliceEnd();
  const outer = adopt(client, clientEnd);
  const rest = outer === client ? null : (client.read() as Buffer | null);
  if (rest !== null) upstream.write(rest);
  pass(outer, outer === client ? undefined : clientEnd, upstream, touch);
  pass(upstream, upstreamEnd, outer, touch);
}

function pass(from: Socket, end: SpliceEnd | undefined, to: Socket, touch: () => void): void {
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('close', (broken: boolean) => (broken ? breakOff(to) : to.destroySoon()));
  const taker = (chunk: Buffer): boolean => {
    touch();
    return to.write(chunk);
  };
  if (end === undefined) {
    from.on('data', (chunk: Buffer) => {
      if (!taker(chunk)) from.pause();
    });
    from.resume();
  } else if (end.takenBy(taker)) from.resume();
}

/** A reset is passed on as one, where there is no TLS that would have to say it. */
function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/**
 * The same connection as a socket that is read into the shared buffer, which only who makes a socket can ask for. The one that
 * it was lives as long, for who keeps count of it. What is no plain socket stays as it is.
 */
function adopt(socket: Socket, { onread }: SpliceEnd): Socket {
  const was = socket as unknown as Handled;
  const handle = was._handle;
  // what is read to its end would not say so again
  if (socket instanceof TLSSocket || socket.destroyed || was._readableState.ended || !handle) return socket;
  was._handle = null;
  const options = { handle, allowHalfOpen: true, pauseOnCreate: true, onread };
  const made = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  made.on('error', () => made.destroy());
  made.once('close', () => socket.destroy());
  socket.once('close', () => made.destroy());
  return made;
}

function copyOf(bytes: Uint8Array, length: number): Buffer {
  const copy = Buffer.allocUnsafe(length);
  copy.set(length === bytes.length ? bytes : bytes.subarray(0, length));
  return copy;
}
