import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** States of TCP in which a connection is open, or is being opened (include/net/tcp_states.h). */
const OPEN = new Set(['01', '02']);

/**
 * To where a process and its children have TCP connections now, besides the machine itself: `ADDRESS:PORT`. Only Linux tells; elsewhere
 * there are none. A connection that was opened and closed between two looks is not seen.
 */
export function foreignConnections(pid: number): readonly string[] {
  try {
    return treeOf(pid).flatMap((one) => connectionsOf(one));
  } catch {
    return [];
  }
}

function connectionsOf(pid: number): string[] {
  const sockets = new Set(socketsOf(pid));
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => OPEN.has(fields[3] ?? '') && sockets.has(fields[9] ?? ''))
      .map((fields) => remoteOf(fields[2]!))
      .filter((remote) => !/^(127\.|\[(0*:)*0*1\]:|\[::1\]|\[::ffff:127\.)/.test(remote)),
  );
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const socket = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`));
      return socket === null ? [] : [socket[1]!];
    } catch {
      return [];
    }
  });
}

/** An address as /proc has it, in words of 32 bits of the machine's order: `0100007F:1F90`. */
function remoteOf(text: string): string {
  const [address = '', port = ''] = text.split(':');
  const bytes = [...address.matchAll(/(..)(..)(..)(..)/g)].flatMap(([, a, b, c, d]) => [d, c, b, a]);
  const numbers = bytes.map((byte) => Number.parseInt(byte!, 16));
  const at = Number.parseInt(port, 16);
  if (numbers.length === 4) return `${numbers.join('.')}:${at}`;
  const isMapped = numbers.slice(0, 10).every((byte) => byte === 0) && numbers[10] === 255;
  if (isMapped) return `[::ffff:${numbers.slice(12).join('.')}]:${at}`;
  const groups = Array.from({ length: 8 }, (_, i) => ((numbers[2 * i]! << 8) | numbers[2 * i + 1]!).toString(16));
  const isLoopback = groups.join(':') === '0:0:0:0:0:0:0:1';
  return `[${isLoopback ? '::1' : groups.join(':')}]:${at}`;
}

/** A process and all below it. */
function treeOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => treeOf(Number(child))))];
}
