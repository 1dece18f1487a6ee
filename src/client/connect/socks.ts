import { connect, isIP, type Socket } from 'node:net';
import type { Target } from './tunnel.ts';

const REFUSALS: Readonly<Record<number, string>> = {
  1: 'general failure',
  2: 'not allowed',
  3: 'network unreachable',
  4: 'host unreachable',
  5: 'connection refused',
  6: 'expired',
  7: 'command not supported',
  8: 'address not supported',
};

/** A connection through a SOCKS5 proxy (RFC 1928, with a user of RFC 1929), which looks up names itself. */
export async function socksTunnel(target: Target, proxy: URL, timeoutMs: number): Promise<Socket> {
  const socket = connect({ host: proxy.hostname.replace(/^\[|\]$/g, ''), port: Number(proxy.port || 1080) });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    await shakeHands(socket, target, proxy);
    socket.setTimeout(0);
    return socket;
  } catch (cause) {
    socket.destroy();
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`proxy ${proxy.protocol}//${proxy.host}: ${text}`, { cause });
  }
}

async function shakeHands(socket: Socket, target: Target, proxy: URL): Promise<void> {
  const withUser = proxy.username !== '';
  socket.write(Buffer.from([5, 1, withUser ? 2 : 0]));
  const [, method] = await take(socket, 2);
  if (method !== (withUser ? 2 : 0)) throw new Error('it accepts no way to authenticate that is offered');
  if (withUser) {
    const [user, password] = [proxy.username, proxy.password].map((text) => Buffer.from(decodeURIComponent(text)));
    socket.write(Buffer.concat([Buffer.from([1, user!.length]), user!, Buffer.from([password!.length]), password!]));
    if ((await take(socket, 2))[1] !== 0) throw new Error('it refuses its user');
  }
  socket.write(Buffer.concat([Buffer.from([5, 1, 0]), addressOf(target)]));
  const [, code, , type] = await take(socket, 4);
  if (code !== 0) throw new Error(`it refuses to connect to ${target.host}: ${REFUSALS[code!] ?? `code ${code}`}`);
  const length = type === 1 ? 4 : type === 4 ? 16 : (await take(socket, 1))[0]!;
  await take(socket, length + 2);
}

/** Names go as names, and IPv6 as a name too, which proxies understand. */
function addressOf({ host, port }: Target): Buffer {
  const ending = Buffer.from([port >> 8, port & 0xff]);
  if (isIP(host) === 4) return Buffer.concat([Buffer.from([1, ...host.split('.').map(Number)]), ending]);
  const name = Buffer.from(host);
  return Buffer.concat([Buffer.from([3, name.length]), name, ending]);
}

/** The next bytes, exactly so many; what comes after them stays. */
function take(socket: Socket, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const ended = (cause?: Error): void => {
      clear();
      reject(cause ?? new Error('it closed the connection'));
    };
    const read = (): void => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes === null) return;
      clear();
      resolve(bytes);
    };
    const clear = (): void => {
      socket.off('readable', read).off('error', ended).off('close', ended).off('end', ended);
    };
    socket.on('readable', read).on('error', ended).on('close', ended).on('end', ended);
    read();
  });
}
