import { BpfError } from '../errors.ts';
import { be16, u16, u32, u8 } from '../layout/scalar.ts';
import { bytes, pad } from '../layout/sequence.ts';
import { struct } from '../layout/struct.ts';
import { errnoName, native } from './native.ts';

/** What the kernel and user space tell each other of sockets by netlink (`sock_diag(7)`). */
const Header = struct('nlmsghdr', { length: u32, type: u16, flags: u16, sequence: u32, port: u32 });
const SocketId = struct('inet_diag_sockid', {
  sourcePort: be16,
  destinationPort: be16,
  source: bytes(16, 4),
  destination: bytes(16, 4),
  device: u32,
  cookieLow: u32,
  cookieHigh: u32,
});
const Request = struct('inet_diag_req_v2', {
  family: u8,
  protocol: u8,
  extensions: u8,
  _gap: pad(1),
  states: u32,
  id: SocketId,
});
const ID_AT = 4;

const AF_INET = 2;
const AF_INET6 = 10;
const NETLINK = 16;
const RAW = 3;
const CLOSE_ON_EXEC = 0x80000;
const SOCK_DIAG = 4;
const BY_FAMILY = 20;
const DESTROY = 21;
const ERROR = 2;
const DONE = 3;
const IS_REQUEST = 1;
const ACKNOWLEDGED = 4;
const ALL = 0x300;
const UDP = 17;
/** Of UDP: those that are connected. */
const ESTABLISHED = 1 << 1;
const ANSWER_BYTES = 1 << 16;
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** A connected socket of UDP. */
export interface ConnectedSocket {
  /** The number by which programs know it as well. */
  readonly cookie: bigint;
  /** The peer's address, of four or sixteen bytes. */
  readonly address: Uint8Array;
  readonly port: number;
  /**
   * Ends it: whoever reads or sends next is told that the connection is gone (`ECONNABORTED`), and may connect again.
   *
   * @throws BpfError `EPERM` there is no right to it, `EOPNOTSUPP` the kernel cannot do it; one that is gone already is none.
   */
  destroy(): void;
}

/**
 * The connected sockets of UDP, of this thread's network namespace (see `inNamespace`).
 *
 * @throws BpfError the kernel does not tell of sockets
 */
export function connectedUdpSockets(): readonly ConnectedSocket[] {
  return [AF_INET, AF_INET6].flatMap((family) =>
    ask(BY_FAMILY, IS_REQUEST | ALL, { family, states: ESTABLISHED }).map((message) => socketOf(family, message)),
  );
}

function socketOf(family: number, message: Uint8Array): ConnectedSocket {
  const raw = message.slice(ID_AT, ID_AT + SocketId.size);
  const { destination, destinationPort, cookieLow, cookieHigh } = SocketId.decode(raw);
  const isMapped = MAPPED.every((byte, i) => destination[i] === byte);
  const address = family === AF_INET ? destination.slice(0, 4) : isMapped ? destination.slice(12) : destination;
  return {
    cookie: (BigInt(cookieHigh) << 32n) | BigInt(cookieLow),
    address,
    port: destinationPort,
    destroy(): void {
      try {
        ask(DESTROY, IS_REQUEST | ACKNOWLEDGED, { family, id: raw });
      } catch (error) {
        if (!(error instanceof BpfError && error.code === 'ENOENT')) throw error;
      }
    },
  };
}

interface Question {
  readonly family: number;
  readonly states?: number;
  readonly id?: Uint8Array;
}

/** Sends a request; gives what comes back, message by message. */
function ask(type: number, flags: number, { family, states = 0, id }: Question): Uint8Array[] {
  const message = new Uint8Array(Header.size + Request.size);
  const header = { length: message.length, type, flags, sequence: 1, port: 0 };
  message.set(Header.encode(header));
  const view = new DataView(message.buffer);
  message.set([family, UDP], Header.size);
  view.setUint32(Header.size + 4, states, true);
  if (id) message.set(id, Header.size + 8);
  const fd = native().socket(NETLINK, RAW | CLOSE_ON_EXEC, SOCK_DIAG);
  if (fd < 0) throw failure(errnoName(native().errno()));
  try {
    if (native().send(fd, message) < 0) throw failure(errnoName(native().errno()));
    return answersOf(fd, (flags & ALL) !== 0);
  } finally {
    native().close(fd);
  }
}

function answersOf(fd: number, isList: boolean): Uint8Array[] {
  const answers: Uint8Array[] = [];
  const buffer = new Uint8Array(new ArrayBuffer(ANSWER_BYTES));
  for (;;) {
    const length = native().receive(fd, buffer);
    if (length < 0) throw failure(errnoName(native().errno()));
    for (let at = 0; at + Header.size <= length; ) {
      const header = Header.decode(buffer.subarray(at, at + Header.size));
      const body = buffer.slice(at + Header.size, at + header.length);
      if (header.type === ERROR) {
        const code = new DataView(body.buffer).getInt32(0, true);
        if (code !== 0) throw failure(errnoName(-code));
      } else if (header.type === BY_FAMILY) answers.push(body);
      if (header.type === DONE || (header.type === ERROR && !isList)) return answers;
      at += (header.length + 3) & ~3;
    }
  }
}

function failure(code: string): BpfError {
  return new BpfError('ask for sockets of UDP', code);
}
