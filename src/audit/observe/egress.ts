import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** States of TCP in which a connection is open, or is being opened (include/net/tcp_states.h). */
const OPEN = new Set(['01', '02']);
const LISTENING = '0A';
/** Of UDP only that state counts in which a socket has somebody at its other end. */
const CONNECTED = '01';
const UNCONNECTED = '07';
const NAMES_PORT = 53;

/** What the sockets of a process and its children tell. */
export interface Connections {
  /** To where they are connected, by TCP or UDP, besides the machine itself and its servers of names: `ADDRESS:PORT`. */
  readonly foreign: readonly string[];
  /** At which ports they listen. */
  readonly ports: readonly number[];
  /** There are sockets of UDP without a connection that are not of the machine alone: nothing tells whom they send to. */
  readonly hasOpenUdp: boolean;
}

const LOOPBACK = /^(127\.|\[(0*:)*0*1\]:|\[::1\]|\[::ffff:127\.)/;

/**
 * The connections of a process and its children now. Only Linux tells; elsewhere there are none. One that was opened and closed between
 * two looks is not seen.
 *
 * @param isBeside the process itself is only beside its children, which are meant
 */
export function connectionsNow(pid: number, isBeside: boolean): Connections {
  try {
    const [, ...children] = treeOf(pid);
    const inodes = new Set((isBeside ? children : [pid, ...children]).flatMap((one) => socketsOf(one)));
    // the tables are of the whole namespace, and take long to read where it has many: once for all
    const own = inodes.size === 0 ? [] : tablesOf(pid).filter(({ fields }) => inodes.has(fields[9] ?? ''));
    const tcp = own.filter(({ table }) => table.startsWith('tcp'));
    const udp = own.filter(({ table, fields }) => table.startsWith('udp') && fields[3] === CONNECTED);
    const asked = udp.filter(({ fields }) => portOf(fields[2]!) !== NAMES_PORT);
    const foreign = [...tcp.filter(({ fields }) => OPEN.has(fields[3]!)), ...asked].map(({ fields }) =>
      endOf(fields[2]!),
    );
    const ports = tcp.filter(({ fields }) => fields[3] === LISTENING).map(({ fields }) => portOf(fields[1]!));
    const hasOpenUdp = own.some(
      ({ table, fields }) => table.startsWith('udp') && fields[3] === UNCONNECTED && !LOOPBACK.test(endOf(fields[1]!)),
    );
    return { foreign: foreign.filter((remote) => !LOOPBACK.test(remote)), ports, hasOpenUdp };
  } catch {
    return { foreign: [], ports: [], hasOpenUdp: false };
  }
}

/** A socket, as a line of the tables of a network has it. */
interface Socket {
  readonly table: string;
  readonly fields: readonly string[];
}

function tablesOf(pid: number): Socket[] {
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => ({ table, fields: line.trim().split(/\s+/) })),
  );
}

function portOf(text: string): number {
  return Number.parseInt(text.slice(text.indexOf(':') + 1), 16);
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
function endOf(text: string): string {
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
