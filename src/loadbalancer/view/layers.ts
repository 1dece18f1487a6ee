import { layout } from 'nekube/bpf';
import { addressText } from '../maps/address.ts';

const { ETHERTYPE, PROTOCOL } = layout;

/** A header of IP in a packet. */
export interface IpLayer {
  readonly kind: 'ip';
  readonly family: 4 | 6;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  /** Of IPv4: the identification. */
  readonly id?: number;
  /** Options of IPv4, or destination options of IPv6, in hexadecimal digits. */
  readonly options?: string;
}

/** A header of TCP or UDP, or that of Geneve which is behind UDP's. */
export interface PortLayer {
  readonly kind: 'tcp' | 'udp';
  readonly source: number;
  readonly destination: number;
  /** Of TCP, as tcpdump has them: `S`, `S.`, `R.`. */
  readonly flags?: string;
}

/** What is in a packet that is not looked into. */
export interface OtherLayer {
  readonly kind: 'other';
  readonly name: string;
}

/** A header of a packet. */
export type Layer = IpLayer | PortLayer | OtherLayer;

const ETHERNET = 14;
const GENEVE_PORT = 6081;
const DESTINATION_OPTIONS = 60;
const FLAGS = 'FSRP.U';

/** The headers of a packet, from its Ethernet header on, the outermost first. What is cut off is left out. Pure. */
export function layersOf(packet: Uint8Array): readonly Layer[] {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  try {
    return readEthernet(view, 0);
  } catch (error) {
    if (error instanceof RangeError) return [{ kind: 'other', name: 'a packet that is cut off' }];
    throw error;
  }
}

function readEthernet(view: DataView, at: number): Layer[] {
  const type = view.getUint16(at + 12);
  if (type === ETHERTYPE.ipv4) return readIp4(view, at + ETHERNET);
  if (type === ETHERTYPE.ipv6) return readIp6(view, at + ETHERNET);
  return [{ kind: 'other', name: `Ethernet type 0x${type.toString(16)}` }];
}

function readIp4(view: DataView, at: number): Layer[] {
  const length = 4 * (view.getUint8(at) & 15);
  const layer: IpLayer = {
    ...{ kind: 'ip', family: 4, ttl: view.getUint8(at + 8), id: view.getUint16(at + 4) },
    ...{ source: addressAt(view, at + 12, 4), destination: addressAt(view, at + 16, 4) },
    ...(length > 20 && { options: hexOf(view, at + 20, length - 20) }),
  };
  return [layer, ...readWithin(view, at + length, view.getUint8(at + 9))];
}

function readIp6(view: DataView, at: number): Layer[] {
  const next = view.getUint8(at + 6);
  const hasOptions = next === DESTINATION_OPTIONS;
  const length = hasOptions ? 8 * (1 + view.getUint8(at + 41)) : 0;
  const layer: IpLayer = {
    ...{ kind: 'ip', family: 6, ttl: view.getUint8(at + 7) },
    ...{ source: addressAt(view, at + 8, 16), destination: addressAt(view, at + 24, 16) },
    ...(hasOptions && { options: hexOf(view, at + 40, length) }),
  };
  return [layer, ...readWithin(view, at + 40 + length, hasOptions ? view.getUint8(at + 40) : next)];
}

function readWithin(view: DataView, at: number, protocol: number): Layer[] {
  if (protocol === PROTOCOL.ipip) return readIp4(view, at);
  if (protocol === PROTOCOL.ipv6) return readIp6(view, at);
  if (protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp) return readPorts(view, at, protocol);
  return [
    {
      kind: 'other',
      name: protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6 ? 'ICMP' : `protocol ${protocol}`,
    },
  ];
}

function readPorts(view: DataView, at: number, protocol: number): Layer[] {
  const ports = { source: view.getUint16(at), destination: view.getUint16(at + 2) };
  if (protocol === PROTOCOL.tcp) return [{ kind: 'tcp', ...ports, flags: flagsText(view.getUint8(at + 13)) }];
  const udp: PortLayer = { kind: 'udp', ...ports };
  if (ports.destination !== GENEVE_PORT) return [udp];
  const options = 4 * (view.getUint8(at + 8) & 63);
  return [
    udp,
    { kind: 'other', name: `Geneve, options ${hexOf(view, at + 16, options)}` },
    ...readEthernet(view, at + 16 + options),
  ];
}

/** A packet in a line: `10.2.0.2 > 10.244.1.10 | 10.1.0.2 > 10.96.0.10 | tcp 4000 > 80 S`. */
export function layersText(layers: readonly Layer[]): string {
  return layers.map(layerText).join(' | ');
}

function layerText(layer: Layer): string {
  if (layer.kind === 'other') return layer.name;
  if (layer.kind === 'ip') {
    const { source, destination, ttl, options } = layer;
    return `${source} > ${destination} ttl ${ttl}${options === undefined ? '' : ` options ${options}`}`;
  }
  return `${layer.kind} ${layer.source} > ${layer.destination}${layer.flags ? ` ${layer.flags}` : ''}`;
}

function flagsText(flags: number): string {
  const order = [1, 0, 2, 3, 5, 4];
  return order.flatMap((bit) => (flags & (1 << bit) ? FLAGS[bit] : [])).join('');
}

function addressAt(view: DataView, at: number, length: number): string {
  if (at + length > view.byteLength) throw new RangeError('The packet ends');
  return addressText(new Uint8Array(view.buffer, view.byteOffset + at, length).slice());
}

function hexOf(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, Math.min(length, view.byteLength - at)).toString('hex');
}
