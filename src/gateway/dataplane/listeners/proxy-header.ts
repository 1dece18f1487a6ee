import { isIP, isIPv4, isIPv6 } from 'node:net';

/** Who a connection is from, and whom it was to, by the proxy before us. */
export interface ProxiedAddresses {
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
}

/** What the first bytes of a connection are; `bytes` is the length of the header. */
export type ProxyHeader =
  | { readonly type: 'more' | 'none' | 'bad' }
  /** Without addresses: the proxy speaks for itself, or does not know. */
  | { readonly type: 'header'; readonly bytes: number; readonly addresses?: ProxiedAddresses };

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V1 = Buffer.from('PROXY ', 'latin1');
/** With its line end. */
const MOST_V1_BYTES = 107;

/** Reads a header of the PROXY protocol, in its first or second version. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, SIGNATURE)) return bytes.length < 16 ? { type: 'more' } : readV2(bytes);
  if (startsLike(bytes, V1)) return bytes.length < V1.length ? { type: 'more' } : readV1(bytes);
  return { type: 'none' };
}

function startsLike(bytes: Buffer, with_: Buffer): boolean {
  const length = Math.min(bytes.length, with_.length);
  return bytes.subarray(0, length).equals(with_.subarray(0, length));
}

function readV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MOST_V1_BYTES).indexOf('\r\n');
  if (end === -1) return { type: bytes.length < MOST_V1_BYTES ? 'more' : 'bad' };
  const [family, source = '', destination = '', from = '', to = '', ...more] = bytes
    .toString('latin1', V1.length, end)
    .split(' ');
  if (family === 'UNKNOWN') return { type: 'header', bytes: end + 2 };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : () => false;
  const good = isAddress(source) && isAddress(destination) && isPort(from) && isPort(to) && more.length === 0;
  if (!good) return { type: 'bad' };
  return { type: 'header', bytes: end + 2, addresses: addresses(source, Number(from), destination, Number(to)) };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function readV2(bytes: Buffer): ProxyHeader {
  const command = bytes[12]!;
  const family = bytes[13]! >> 4;
  const length = bytes.readUInt16BE(14);
  if (command >> 4 !== 2 || (command & 15) > 1) return { type: 'bad' };
  if (bytes.length < 16 + length) return { type: 'more' };
  const header = { type: 'header', bytes: 16 + length } as const;
  if ((command & 15) === 0) return header;
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size === 0) return header;
  if (length < 2 * size + 4) return { type: 'bad' };
  const ports = 16 + 2 * size;
  const source = addressText(bytes.subarray(16, 16 + size));
  const destination = addressText(bytes.subarray(16 + size, ports));
  return {
    ...header,
    addresses: addresses(source, bytes.readUInt16BE(ports), destination, bytes.readUInt16BE(ports + 2)),
  };
}

function addresses(source: string, from: number, destination: string, to: number): ProxiedAddresses {
  return { source: { address: source, port: from }, destination: { address: destination, port: to } };
}

/** The address of 4 or 16 bytes, IPv6 without leading zeros. */
export function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}

/** The header that tells a backend of a connection; addresses of two families are told as unknown. */
export function proxyHeader(version: 'V1' | 'V2', { source, destination }: ProxiedAddresses): Buffer {
  const family = isIP(source.address);
  const known = family !== 0 && family === isIP(destination.address);
  if (version === 'V1') {
    const parts = known
      ? [`TCP${family}`, source.address, destination.address, source.port, destination.port]
      : ['UNKNOWN'];
    return Buffer.from(`PROXY ${parts.join(' ')}\r\n`, 'latin1');
  }
  const body = known
    ? Buffer.concat([
        addressBytes(source.address),
        addressBytes(destination.address),
        ports(source.port, destination.port),
      ])
    : Buffer.alloc(0);
  const head = Buffer.from([known ? 0x21 : 0x20, known ? (family === 4 ? 0x11 : 0x21) : 0, 0, body.length]);
  return Buffer.concat([SIGNATURE, head, body]);
}

function ports(from: number, to: number): Buffer {
  return Buffer.from([from >> 8, from & 255, to >> 8, to & 255]);
}

/** The 4 or 16 bytes of an address. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const host = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = host.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail].map((group) => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 255]));
}
